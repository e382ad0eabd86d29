using System.Text.Json;
using Zoetrope.Server.Providers.Sandbox;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Every marker of a test prompt comes to the end that <c>docs/errors.md</c> promises, over HTTP.</summary>
public sealed class MagicPromptTests(MagicPromptTests.Server server) : IClassFixture<MagicPromptTests.Server>
{
    public static TheoryData<string> Markers => [.. MagicPrompts.All.Select(magic => magic.Marker)];

    [Theory]
    [MemberData(nameof(Markers))]
    public async Task A_marker_comes_to_its_end(string marker)
    {
        var task = await server.Zoetrope.Api.WaitAsync(server.Customer, server.Started[marker]);

        var end = task.GetProperty("status").GetString() == "failed" ? task.GetProperty("error").GetProperty("code").GetString() : task.GetProperty("status").GetString();
        Assert.Equal(EndOf(marker), end);
        Assert.Equal(end == "completed", task.GetProperty("creditsUsed").GetInt64() > 0);
        if (marker == "[[slow:30s]]")
        {
            Assert.InRange(task.GetProperty("timings").GetProperty("runMs").GetInt64(), 1_500, 60_000);
        }
    }

    [Fact]
    public async Task Progress_never_goes_back_for_the_customer()
    {
        var seen = new List<int>();
        var id = (await server.Zoetrope.Api.GenerateAsync(server.Customer, Server.Request("[[status-backwards]] again"))).Expect(200).Data.GetProperty("id").GetString();
        await Until.SeesAsync(
            async () =>
            {
                var task = (await server.Zoetrope.Api.GetAsync(server.Customer, $"/api/v1/tasks/{id}?wait=0.1")).Expect(200).Data;
                seen.Add(task.GetProperty("progress").GetInt32());
                return task;
            },
            task => task.GetProperty("status").GetString() is not ("pending" or "processing"));

        Assert.Equal(seen.Order(), seen);
        Assert.Contains(80, seen);
        Assert.Equal(100, seen[^1]);
    }

    private static string EndOf(string marker) => marker switch
    {
        "[[slow:30s]]" or "[[lost-response]]" or "[[lost-request]]" or "[[provider-429]]" or "[[callback-twice]]" or "[[callback-early]]" or "[[status-backwards]]" => "completed",
        "[[fail]]" => "GENERATION_FAILED",
        "[[moderated]]" => "CONTENT_REFUSED",
        "[[refused]]" => "INPUT_REFUSED",
        "[[timeout]]" => "TIMED_OUT",
        "[[never-finishes]]" => "CANCELLED",
        "[[unknown-outcome]]" => "OUTCOME_UNKNOWN",
        "[[provider-down]]" or "[[provider-auth]]" or "[[provider-quota]]" => "PROVIDER_UNAVAILABLE",
        "[[bad-media]]" or "[[truncated-media]]" => "BAD_OUTPUT",
        _ => throw new NotSupportedException($"What is the end of {marker}?"),
    };

    /// <summary>All markers are started at once: some of them take their time.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestZoetrope Zoetrope { get; private set; } = null!;

        internal Customer Customer { get; private set; } = null!;

        internal Dictionary<string, string> Started { get; } = [];

        internal static object Request(string prompt) => new { model = "nano-banana-2-text-to-image", input = new { prompt, resolution = "0.5K" } };

        public async ValueTask InitializeAsync()
        {
            Zoetrope = await TestZoetrope.StartAsync();
            Customer = await Zoetrope.Api.CreateCustomerAsync();
            foreach (var marker in MagicPrompts.All.Select(magic => magic.Marker))
            {
                var prompt = marker == "[[slow:30s]]" ? "A fox [[slow:1500ms]]" : $"A fox {marker}";
                Started[marker] = (await Zoetrope.Api.GenerateAsync(Customer, Request(prompt))).Expect(200).Data.GetProperty("id").GetString()!;
            }

            (await Zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{Started["[[never-finishes]]"]}", Customer.Key)).Expect(200);
        }

        public ValueTask DisposeAsync() => Zoetrope.DisposeAsync();
    }
}
