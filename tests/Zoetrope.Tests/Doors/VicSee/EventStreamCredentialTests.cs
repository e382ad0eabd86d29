using Zoetrope.Tests.Doors.OAuth;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.VicSee;

/// <summary>A stream lives as long as the credential that opened it, of whichever kind, and its end is nobody's wrong key.</summary>
public sealed class EventStreamCredentialTests(EventStreamCredentialTests.Server server) : IClassFixture<EventStreamCredentialTests.Server>
{
    private ZoetropeApi Api => server.Zoetrope.Api;

    public static TheoryData<string, bool> Streams => new() { { "key", true }, { "key", false }, { "token", true }, { "token", false } };

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_outlives_every_look_at_its_credential_and_ends_with_it(string kind, bool ofOneTask)
    {
        var owner = await Api.CreateCustomerAsync();
        var (holder, id) = await HolderAsync(owner, kind);
        var (first, second) = (await StartAsync(owner), await StartAsync(owner));
        await using var alive = await EventReader.OpenAsync(Api, holder, Path(first, ofOneTask));
        await using var ended = await EventReader.OpenAsync(Api, holder, Path(second, ofOneTask));

        // Opened later and looked at as often: when it has ended, the others have been looked at.
        var (control, controlId) = await HolderAsync(owner, "key");
        await using var last = await EventReader.OpenAsync(Api, control, "/api/v1/events");
        await RevokeAsync(owner, controlId);
        await last.AllAsync();

        (await Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{first}", owner.Key)).Expect(200);
        await alive.FindAsync(item => item.Type == "task.cancelled" && item.TaskId == first);

        await RevokeAsync(owner, id);
        await ended.AllAsync();
    }

    [Fact]
    public async Task The_streams_of_an_access_token_end_when_it_expires_say_why_and_count_as_no_wrong_key()
    {
        var owner = await Api.CreateCustomerAsync();
        var (holder, _) = await HolderAsync(owner, "token");
        var streams = new List<EventReader>();
        for (var i = 0; i < 23; i++)
        {
            streams.Add(await EventReader.OpenAsync(Api, holder, "/api/v1/events"));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Api.Address, Path(await StartAsync(owner), ofOneTask: true)));
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {holder.Key}");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Until.Patience };
        using var open = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var words = open.Content.ReadAsStringAsync();
        await using var untouched = await EventReader.OpenAsync(Api, owner, "/api/v1/events");

        server.Time.Advance(TimeSpan.FromMinutes(61));
        foreach (var stream in streams)
        {
            await stream.AllAsync();
            await stream.DisposeAsync();
        }

        Assert.EndsWith(": The stream ends: its API key or access token was revoked or has expired.\n\n", await words, StringComparison.Ordinal);
        var started = await StartAsync(owner);
        await untouched.FindAsync(item => item.TaskId == started);
        Assert.Equal((401, "INVALID_API_KEY"), await Api.GetAsync(owner with { Key = Zoetrope.Server.Accounts.ApiKeys.New(Zoetrope.Server.KeyMode.Test) }, "/api/v1/credits") is var reply ? (reply.Status, reply.Code) : default);
    }

    [Fact]
    public async Task A_key_and_its_programs_share_the_streams_that_a_key_may_have()
    {
        var owner = await Api.CreateCustomerAsync();
        var programs = new List<Customer>();
        for (var i = 0; i < 2; i++)
        {
            programs.Add((await HolderAsync(owner, "token")).Holder);
        }

        var open = new List<EventReader>();
        foreach (var caller in Enumerable.Repeat(programs[0], 13).Concat(Enumerable.Repeat(programs[1], 12)))
        {
            open.Add(await EventReader.OpenAsync(Api, caller, "/api/v1/events"));
        }

        foreach (var caller in programs.Append(owner))
        {
            Assert.Equal((429, "TOO_MANY_STREAMS"), await Api.GetAsync(caller, "/api/v1/events") is var reply ? (reply.Status, reply.Code) : default);
        }

        foreach (var reader in open)
        {
            await reader.DisposeAsync();
        }
    }

    private static string Path(string task, bool ofOneTask) => ofOneTask ? $"/api/v1/tasks/{task}/events" : "/api/v1/events";

    private async Task<string> StartAsync(Customer customer) =>
        (await Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "A red fox" })).Expect(200).Data.GetProperty("id").GetString()!;

    // Somebody who may listen, and the id of the key or grant that lets them.
    private async Task<(Customer Holder, string Id)> HolderAsync(Customer owner, string kind)
    {
        var known = (await KeysAsync(owner)).ToHashSet();
        string key;
        if (kind == "key")
        {
            key = await Api.CreateKeyAsync(owner.AccountId);
        }
        else
        {
            var (browser, tokens) = await OAuthBrowser.ConnectAsync(Api, owner.Key);
            browser.Dispose();
            key = tokens.Access;
        }

        return (owner with { Key = key }, (await KeysAsync(owner)).Single(id => !known.Contains(id)));
    }

    private async Task<IEnumerable<string>> KeysAsync(Customer owner) =>
        (await Api.OperateAsync(HttpMethod.Get, $"/admin/v1/accounts/{owner.AccountId}/keys")).Expect(200).Data.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("id").GetString()!);

    private async Task RevokeAsync(Customer owner, string id) => (await Api.OperateAsync(HttpMethod.Delete, $"/admin/v1/accounts/{owner.AccountId}/keys/{id}")).Expect(200);

    /// <summary>One server for all of these, whose tasks wait; its clock only goes forward.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal MovedClock Time { get; } = new();

        internal TestZoetrope Zoetrope { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Time = Time,
            Settings = new Dictionary<string, string?> { ["OAuth:RegistrationsPerMinute"] = "1000", ["Providers:sandbox:Concurrency"] = "0", ["Streams:MaxPerKey"] = "25" },
        });

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
