using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Generations.Reconciling;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Reconciling;

public sealed class SqliteReconciliationTests() : ReconciliationConformance(SqlDialect.Sqlite);

public sealed class PostgresReconciliationTests() : ReconciliationConformance(SqlDialect.Postgres);

/// <summary>The scheduled comparison against a vendor's list over HTTP, what it opens and books, and how a case is settled.</summary>
public abstract class ReconciliationConformance
{
    private readonly SqlDialect _dialect;

    private protected ReconciliationConformance(SqlDialect dialect) => _dialect = dialect;

    [Fact]
    public async Task Differences_become_cases_once_and_a_job_that_was_taken_for_refused_comes_into_suspense()
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var listed = new List<(string Id, DateTimeOffset At, string? Attempt)>();

        // The server's own round may come at any time: until all is there it hears nothing.
        var isReady = false;
        await using var vendor = await LoopbackServer.StartAsync(context => isReady ? ListAsync(context, listed) : RefuseAsync(context));
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = _dialect,
            Settings = new Dictionary<string, string?>
            {
                ["Providers:replicate:BaseUrl"] = $"http://127.0.0.1:{vendor.Port}/v1/",
                ["Providers:replicate:ApiKey"] = "r8_key",
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            },
        });
        var database = zoetrope.Services.GetRequiredService<Database>();
        var key = zoetrope.Services.GetRequiredService<ProviderRegistry>().Gate("replicate").Keys[0].Id;
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var task = (await zoetrope.Api.GenerateAsync(customer, new { model = "nano-banana-2-text-to-image", input = new { prompt = "a fox", resolution = "0.5K" } })).Expect(200).Data.GetProperty("id").GetString()!;
        for (var i = 0; i < 250; i++)
        {
            var at = now.AddMinutes(-30).AddSeconds(-i);
            var (attempt, handle) = (Ids.New(Ids.Attempt, at.ToUnixTimeMilliseconds()), $"prediction{i:d16}");
            var isRefused = i == 100;
            await database.InTransactionAsync(tx => InsertAsync(tx, customer.AccountId, task, attempt, 100 + i, isRefused ? AttemptStore.Refused : AttemptStore.Ended, isRefused ? null : handle, key, at));
            if (i != 50)
            {
                listed.Add((handle, at.AddSeconds(1), isRefused ? attempt : null));
            }
        }

        listed.Add(("stranger00000000000000", now.AddMinutes(-40), null));
        listed.Add(("toonew0000000000000000", now.AddMinutes(-1), null));
        listed.Sort((one, other) => other.At.CompareTo(one.At));

        isReady = true;
        await database.InTransactionAsync(tx => tx.ExecuteAsync("update reconciliations set looked_at = 0, leased_until = 0"));
        var reconciliation = zoetrope.Services.GetRequiredService<Reconciliation>();
        await reconciliation.RunAsync(TestContext.Current.CancellationToken);
        await reconciliation.RunAsync(TestContext.Current.CancellationToken);

        var cases = await Until.SeesAsync(
            async () => (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/cases?limit=100")).Expect(200).Data.GetProperty("cases").EnumerateArray().ToList(),
            found => found.Count >= 3);
        Assert.Equal(
            ["extra stranger00000000000000", "missing prediction0000000000000050", "refused prediction0000000000000100"],
            cases.Select(one => $"{one.GetProperty("kind").GetString()} {one.GetProperty("providerTaskId").GetString()}").Order(StringComparer.Ordinal));
        var suspended = (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/suspense")).Expect(200).Data.GetProperty("suspense").EnumerateArray().Single();
        Assert.Equal(task, suspended.GetProperty("taskId").GetString());

        // Somebody finds out what it was: what may have been billed leaves suspense with the decision, and only once.
        var refused = cases.Single(one => one.GetProperty("kind").GetString() == "refused");
        var credits = refused.GetProperty("suspended").GetInt64();
        Assert.True(credits > 0);
        Assert.All(refused.GetProperty("decisions").EnumerateArray(), one => Assert.Contains($"{credits} credits", one.ToString(), StringComparison.Ordinal));
        var stranger = cases.Single(one => one.GetProperty("kind").GetString() == "extra").GetProperty("id").GetString()!;
        Assert.Equal("INVALID_OPERATION", (await CloseAsync(stranger, new { reason = "another server's", charged = true })).Expect(409).Code);
        (await CloseAsync(stranger, new { reason = "another server's" })).Expect(200);
        (await CloseAsync(stranger, new { reason = "another server's" })).Expect(409);
        var id = refused.GetProperty("id").GetString()!;
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => CloseAsync(id, new { reason = "invoice 17", charged = i % 2 == 0 })));
        Assert.Single(both, reply => reply.Status == 200);
        Assert.Equal(0, (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/suspense")).Expect(200).Data.GetProperty("suspense").GetArrayLength());
        await zoetrope.Api.AssertLedgerIsCleanAsync();
        Assert.Equal("CASE_NOT_FOUND", (await zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/cases/{Ids.New("case_", 1)}/close", new { reason = "?" })).Expect(404).Code);
        Assert.Equal(1, (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/cases")).Expect(200).Data.GetProperty("cases").GetArrayLength());
        Assert.Equal(3, (await zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/cases?state=all")).Expect(200).Data.GetProperty("cases").GetArrayLength());

        Task<Reply> CloseAsync(string id, object decision) => zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/cases/{id}/close", decision);
    }

    private static Task InsertAsync(Tx tx, string account, string task, string attempt, int number, string state, string? handle, string key, DateTimeOffset at) => tx.ExecuteAsync(
        """
        insert into attempts (id, account_id, generation_id, number, provider, provider_model, state, fence, request_hash, owner, key_id, provider_task_id, cost_source, created_at, updated_at)
        values (@attempt, @account, @task, @number, 'replicate', 'm', @state, 1, '', '', @key, @handle, 'unknown', @at, @at)
        """,
        new { attempt, account, task, number = (long)number, state, key, handle, at = at.ToUnixTimeMilliseconds() });

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static async Task ListAsync(HttpContext context, List<(string Id, DateTimeOffset At, string? Attempt)> listed)
    {
        const int size = 100;
        var from = int.TryParse(context.Request.Query["cursor"], CultureInfo.InvariantCulture, out var cursor) ? cursor : 0;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(new JsonObject
        {
            ["next"] = from + size < listed.Count ? $"http://127.0.0.1:{context.Connection.LocalPort}/v1/predictions?cursor={from + size}" : null,
            ["results"] = new JsonArray([.. listed.Skip(from).Take(size).Select(job => new JsonObject
            {
                ["id"] = job.Id,
                ["status"] = "succeeded",
                ["created_at"] = job.At.ToString("O", CultureInfo.InvariantCulture),
                ["webhook"] = job.Attempt is null ? null : $"https://zoetrope.example/hooks/replicate/{job.Attempt}.secret",
            })]),
        }.ToJsonString());
    }
}
