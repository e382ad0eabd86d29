using System.Collections.Concurrent;
using System.Text;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors;

/// <summary>Hostile requests to every door, on either database: no failure of ours, and no credit without a task.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Clients = 8;
    private const long Credits = 1_000_000_000;

    [Theory]
    [InlineData(nameof(SqlDialect.Sqlite))]
    [InlineData(nameof(SqlDialect.Postgres))]
    public Task Hostile_requests_break_nothing(string dialect) => SendAsync(Enum.Parse<SqlDialect>(dialect), 3_000);

    [Theory]
    [InlineData(nameof(SqlDialect.Sqlite))]
    [InlineData(nameof(SqlDialect.Postgres))]
    [Trait("Category", "Nightly")]
    public Task Sixty_thousand_hostile_requests_break_nothing(string dialect) => SendAsync(Enum.Parse<SqlDialect>(dialect), 60_000);

    private async Task SendAsync(SqlDialect dialect, int count)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");

        // Nothing runs: what is held stays held and can be counted, and nobody waits long.
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = dialect,
            Settings = new Dictionary<string, string?>
            {
                ["Providers:sandbox:Concurrency"] = "0", ["OpenAi:ImageWaitSeconds"] = "1", ["Mcp:WaitSeconds"] = "1", ["OAuth:RegistrationsPerMinute"] = "1000000", ["OAuth:MaxUnusedClients"] = "50", ["Streams:MaxPerKey"] = "1000",
            },
        });
        var customer = await zoetrope.Api.CreateCustomerAsync(Credits);
        var image = await zoetrope.Api.UploadAsync(customer, TestMedia.Image(640, 480), "image/png");
        var task = (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-text-to-image", prompt = "a" })).Expect(200).Data.GetProperty("id").GetString()!;
        (await zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{task}", customer.Key)).Expect(200);
        var statuses = new ConcurrentDictionary<string, int>();
        var failures = new ConcurrentBag<string>();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false, RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1 }) { Timeout = Until.Patience };

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            var requests = new FuzzRequests(seed + client, task, image);
            for (var i = client; i < count; i += Clients)
            {
                var request = requests.Next();
                var (status, text) = await AskAsync(http, zoetrope.Api.Address, request, customer);
                statuses.AddOrUpdate($"{status / 100}xx", 1, static (_, seen) => seen + 1);
                if (status >= 500 || text.Contains("INTERNAL_ERROR", StringComparison.Ordinal) || text.Contains("-32603", StringComparison.Ordinal))
                {
                    failures.Add($"{status} {text}\n{request}");
                }
            }
        })));

        Assert.True(failures.IsEmpty, $"seed {seed}: {failures.Count} failures\n\n{string.Join("\n\n", failures.OrderBy(failure => failure.Length).Take(12))}");
        output.WriteLine(string.Join(", ", statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.True(statuses.GetValueOrDefault("2xx") > count / 20 && statuses.GetValueOrDefault("4xx") > count / 4, "The requests are too good or too bad.");
        var database = (Database)zoetrope.Services.GetService(typeof(Database))!;
        var held = await database.ReadAsync(async session => await session.ScalarAsync<long>("select coalesce(sum(quoted), 0) from generations where status in ('queued', 'running')"));
        var balance = (await zoetrope.Api.GetAsync(customer, "/api/v1/credits")).Expect(200).Data;
        Assert.Equal((Credits - held, held), (balance.GetProperty("credits").GetInt64(), balance.GetProperty("held").GetInt64()));
    }

    // A connection may be closed in the moment in which it is used again; a request that never has an answer is a failure.
    private static async Task<(int Status, string Text)> AskAsync(HttpClient http, Uri address, FuzzRequest wanted, Customer customer)
    {
        for (var attempt = 1; attempt < 3; attempt++)
        {
            try
            {
                return await SendAsync(http, address, wanted, customer);
            }
            catch (HttpRequestException)
            {
                // Once more, on another connection.
            }
        }

        return (599, "The server ends the connection without an answer.");
    }

    private static async Task<(int Status, string Text)> SendAsync(HttpClient http, Uri address, FuzzRequest wanted, Customer customer)
    {
        var target = new Uri(address.GetLeftPart(UriPartial.Authority) + wanted.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Parse(wanted.Method), target);
        foreach (var (name, value) in wanted.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (!request.Headers.Contains("Authorization"))
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {(wanted.IsOperators ? TestZoetrope.OperatorKey : customer.Key)}");
        }

        if (!request.Headers.Contains("Accept"))
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        }

        // It waits for a word that HttpClient believes in.
        request.Headers.Remove("Expect");
        if (wanted.Body is not null)
        {
            request.Content = new ByteArrayContent(wanted.Body);
            if (wanted.Type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", wanted.Type);
            }
        }

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var isEndless = answer.Content.Headers.ContentType?.MediaType == "text/event-stream" && wanted.Target is not ("/mcp" or "/");
        return ((int)answer.StatusCode, isEndless ? "" : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
