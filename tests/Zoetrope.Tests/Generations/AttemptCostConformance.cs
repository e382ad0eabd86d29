using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations;

/// <summary>What each attempt cost is kept with its source, and summed up for the operator; on both databases.</summary>
public abstract class AttemptCostConformance : IAsyncLifetime
{
    private const string Model = "flux-2-pro-text-to-image";

    private readonly MovedClock _clock = new();
    private FakeProvider _bfl = null!;
    private FakeProvider _fal = null!;
    private FakeProviderAdapter _bflAdapter = null!;
    private FakeProviderAdapter _falAdapter = null!;
    private TestZoetrope _zoetrope = null!;

    private protected abstract SqlDialect Dialect { get; }

    public async ValueTask InitializeAsync()
    {
        _bfl = await FakeProvider.StartAsync();
        _fal = await FakeProvider.StartAsync();
        (_bflAdapter, _falAdapter) = (new FakeProviderAdapter(_bfl, EvidenceClass.None, "bfl"), new FakeProviderAdapter(_fal, EvidenceClass.None, "fal"));
        _zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = _clock,
            Others = [_bflAdapter, _falAdapter],
            Settings = new Dictionary<string, string?>
            {
                ["Providers:bfl:ApiKey"] = "a-key-0123456789",
                ["Providers:fal:ApiKey"] = "another-key-0123456789",
                ["Egress:AllowedPrivateHosts"] = "127.0.0.1",
            },
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_zoetrope is not null)
        {
            await _zoetrope.DisposeAsync();
        }

        _bflAdapter.Dispose();
        _falAdapter.Dispose();
        await _bfl.DisposeAsync();
        await _fal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_end_of_an_attempt_has_its_cost_and_who_says_so()
    {
        var customer = await _zoetrope.Api.CreateCustomerAsync(mode: "live");

        // The catalogue's rule for the route, by the values of its keys.
        Assert.Equal([("bfl", "ended", "stated", 30_000L)], await RunAsync(customer, "1K"));
        Assert.Equal([("bfl", "ended", "stated", 75_000L)], await RunAsync(customer, "2K"));

        // The vendor's own figure is worth more, a real zero too.
        _bflAdapter.ChargedMicros = 31_234;
        Assert.Equal([("bfl", "ended", "vendor", 31_234L)], await RunAsync(customer, "1K"));
        _bflAdapter.ChargedMicros = 0;
        Assert.Equal([("bfl", "ended", "vendor", 0L)], await RunAsync(customer, "1K"));
        _bflAdapter.ChargedMicros = null;

        // What was refused cost nothing, and the next route has its own rule.
        _bfl.Books.Plan(new JobPlan { Submit = SubmitFault.Refused });
        Assert.Equal([("bfl", "refused", "none", null), ("fal", "ended", "assumed", 30_000L)], await RunAsync(customer, "1K"));

        // Taken and failed without a bill; taken and useless; taken or not, nobody knows.
        _bfl.Books.Plan(new JobPlan { Polls = [PollAnswer.Failed] });
        Assert.Equal([("bfl", "ended", "none", null)], await RunAsync(customer, "1K"));
        _bfl.Books.Plan(new JobPlan { Result = ResultFault.Html });
        Assert.Equal([("bfl", "ended", "stated", 30_000L)], await RunAsync(customer, "1K"));
        _bfl.Books.Plan(new JobPlan { Submit = SubmitFault.ErrorAfterAcceptance });
        Assert.Equal([("bfl", "unresolved", "unknown", null)], await RunAsync(customer, "1K"));

        // The sandbox sells nothing.
        Assert.Equal([("sandbox", "ended", "none", null)], await RunAsync(await _zoetrope.Api.CreateCustomerAsync(), "1K"));
    }

    [Fact]
    public async Task Margins_are_summed_by_model_provider_and_account()
    {
        var from = _clock.GetUtcNow();
        var ada = await _zoetrope.Api.CreateCustomerAsync(mode: "live");
        var bob = await _zoetrope.Api.CreateCustomerAsync(mode: "live");
        await RunAsync(ada, "1K");
        await RunAsync(ada, "2K");
        _bfl.Books.Plan(new JobPlan { Submit = SubmitFault.Refused });
        await RunAsync(bob, "1K");
        _bfl.Books.Plan(new JobPlan { Submit = SubmitFault.ErrorAfterAcceptance });
        await RunAsync(bob, "1K");
        await RunAsync(await _zoetrope.Api.CreateCustomerAsync(), "1K");
        var refunded = (await _zoetrope.Api.GetAsync(ada, "/api/v1/tasks?limit=1")).Expect(200).Data.GetProperty("tasks")[0].GetProperty("id").GetString();
        (await _zoetrope.Api.OperateAsync(HttpMethod.Post, $"/admin/v1/accounts/{ada.AccountId}/refunds", new { taskId = refunded, amount = 5 })).Expect(200);
        _clock.Advance(TimeSpan.FromSeconds(1));

        var models = await MarginAsync("");
        Assert.Equal(("model", 12_000), (models.GetProperty("groupBy").GetString(), models.GetProperty("creditValueMicros").GetInt64()));
        var only = Assert.Single(models.GetProperty("groups").EnumerateArray());
        Assert.Equal(Model, only.GetProperty("name").GetString());

        // 15, 20 and 15 credits, 5 of them given back; the fourth task failed, and what its attempt cost is unknown.
        Assert.Equal((4, 50, 5, 540_000, 135_000, 30_000, 1, 405_000), Sums(only));
        Assert.Equal(Sums(only), Sums(models.GetProperty("total")));
        Assert.Equal(JsonValueKind.Null, only.GetProperty("marginPercent").ValueKind);

        var providers = (await MarginAsync("?groupBy=provider")).GetProperty("groups").EnumerateArray().ToDictionary(group => group.GetProperty("name").GetString()!);
        Assert.Equal(["bfl", "fal"], providers.Keys);
        Assert.Equal((1, 15, 0, 180_000, 30_000, 30_000, 0, 150_000), Sums(providers["fal"]));
        Assert.Equal(83, providers["fal"].GetProperty("marginPercent").GetInt32());

        var accounts = (await MarginAsync("?groupBy=account")).GetProperty("groups").EnumerateArray().ToDictionary(group => group.GetProperty("name").GetString()!);
        Assert.Equal([ada.AccountId, bob.AccountId], accounts.Keys);
        Assert.Equal((2, 35, 5, 360_000, 105_000, 0, 0, 255_000), Sums(accounts[ada.AccountId]));

        var before = await MarginAsync($"?from={Text(from.AddDays(-2))}&to={Text(from.AddDays(-1))}");
        Assert.Empty(before.GetProperty("groups").EnumerateArray());
        Assert.Equal((0, 0, 0, 0, 0, 0, 0, 0), Sums(before.GetProperty("total")));

        foreach (var (query, field) in new[] { ("?groupBy=colour", "groupBy"), ("?from=yesterday", "from"), ("?to=x", "to"), ("?from=2026-02-01&to=2026-02-01", "from") })
        {
            var refused = await _zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/margin" + query);
            Assert.Equal((400, "INVALID_PARAMETER", field), (refused.Status, refused.Code, refused.Json.GetProperty("error").GetProperty("field").GetString()));
        }

        Assert.Equal(401, (await _zoetrope.Api.GetAsync(ada, "/admin/v1/margin")).Status);
    }

    private static string Text(DateTimeOffset time) => Uri.EscapeDataString(time.ToString("O", CultureInfo.InvariantCulture));

    private static (long Attempts, long Charged, long Refunded, long Value, long Cost, long Assumed, long Unknown, long Margin) Sums(JsonElement group)
    {
        return (Of("attempts"), Of("creditsCharged"), Of("creditsRefunded"), Of("valueMicros"), Of("costMicros"), Of("assumedCostMicros"), Of("attemptsWithUnknownCost"), Of("marginMicros"));

        long Of(string name) => group.GetProperty(name).GetInt64();
    }

    private async Task<JsonElement> MarginAsync(string query) => (await _zoetrope.Api.OperateAsync(HttpMethod.Get, "/admin/v1/margin" + query)).Expect(200).Data;

    private async Task<IReadOnlyList<(string Provider, string State, string Source, long? Micros)>> RunAsync(Customer customer, string resolution)
    {
        var created = (await _zoetrope.Api.GenerateAsync(customer, new { model = Model, input = new { prompt = "a red fox", aspect_ratio = "1:1", resolution } })).Expect(200);
        var id = created.Data.GetProperty("id").GetString()!;
        await _zoetrope.Api.WaitAsync(customer, id);
        var rows = await _zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session => await session.QueryAsync<Row>(
            "select provider, state, cost_source, cost_micros from attempts where account_id = @account and generation_id = @id order by number",
            new { account = customer.AccountId, id }));
        return [.. rows.Select(row => (row.Provider, row.State, row.CostSource, row.CostMicros))];
    }

    private sealed class Row
    {
        public string Provider { get; init; } = "";

        public string State { get; init; } = "";

        public string CostSource { get; init; } = "";

        public long? CostMicros { get; init; }
    }
}

public sealed class SqliteAttemptCostTests : AttemptCostConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresAttemptCostTests : AttemptCostConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
