using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Zoetrope.Server;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Bodies of ill will against the doors that cost: no failure of ours, no wrong price, no credit lost.</summary>
public sealed class HostileBodyTests(ITestOutputHelper output)
{
    private const int Clients = 16;
    private const long Credits = 1_000_000_000;

    // The dearest request of the catalogue costs a few thousand.
    private const long DearestCredits = 100_000;

    [Fact]
    public Task Twenty_thousand_hostile_bodies_break_nothing() => SendAsync(20_000);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task A_million_hostile_bodies_break_nothing() => SendAsync(1_000_000);

    private async Task SendAsync(int count)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");

        // Nothing runs: what the requests hold stays held and can be counted.
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = "0" } });
        var customer = await zoetrope.Api.CreateCustomerAsync(Credits);
        var image = await zoetrope.Api.UploadAsync(customer, TestMedia.Image(1024, 768), "image/png");
        var video = await zoetrope.Api.UploadAsync(customer, TestMedia.Video(1280, 720, 4), "video/mp4");
        var holds = new ConcurrentDictionary<string, long>();
        var statuses = new ConcurrentDictionary<int, int>();

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var bodies = new HostileBodies(seed + client, image, video);
            for (var i = client; i < count; i += Clients)
            {
                var (path, body, contentType) = bodies.Next();
                var reply = await SendAsync(zoetrope.Api, customer, path, body, contentType);
                statuses.AddOrUpdate(reply.Status, 1, (_, seen) => seen + 1);
                Check(reply, path, body, seed, holds);
            }
        })));

        output.WriteLine(string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        Assert.True(holds.Count > count / 50, "Hardly a body was good enough to reach the ledger.");
        var database = (Database)zoetrope.Services.GetService(typeof(Database))!;
        var rows = await database.ReadAsync(async session => await session.QueryAsync<Row>("select id, quoted from generations"));
        Assert.Equal(holds.OrderBy(hold => hold.Key).Select(hold => (hold.Key, hold.Value)), rows.Select(row => (row.Id, row.Quoted)).OrderBy(row => row.Id));
        var balance = (await zoetrope.Api.GetAsync(customer, "/api/v1/credits")).Expect(200).Data;
        Assert.Equal(Credits - holds.Values.Sum(), balance.GetProperty("credits").GetInt64());
        Assert.Equal(holds.Values.Sum(), balance.GetProperty("held").GetInt64());
    }

    private static void Check(Reply reply, string path, byte[] body, int seed, ConcurrentDictionary<string, long> holds)
    {
        string Case() => $"seed {seed}, {path}: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 2_000)))}\n{reply.Status} {reply.Text}";
        if (reply.Status != 200)
        {
            var kind = Problems.All.FirstOrDefault(kind => kind.Code == reply.Code);
            Assert.True(kind is not null && kind.Status == reply.Status && kind.Status < 500, Case());
            return;
        }

        var data = reply.Data;
        switch (path)
        {
            case "/api/v1/estimate":
                Assert.True(data.GetProperty("credits").GetInt64() is > 0 and <= DearestCredits, Case());
                break;
            case "/api/v1/upload":
                Assert.True(data.TryGetProperty("uploadUrl", out _), Case());
                break;
            default:
                var price = data.GetProperty("creditsUsed").GetInt64();
                Assert.True(price is > 0 and <= DearestCredits, Case());
                Assert.True(holds.TryAdd(data.GetProperty("id").GetString()!, price), Case());
                break;
        }
    }

    private static async Task<Reply> SendAsync(ZoetropeApi api, Customer customer, string path, byte[] body, string? contentType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        if (contentType is not null)
        {
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        return await api.SendAsync(request);
    }

    private sealed class Row
    {
        public string Id { get; init; } = "";

        public long Quoted { get; init; }
    }
}
