using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>
/// The database is away while a vendor without evidence answers what was paid for: an answer that were dropped could never be
/// learned again.
/// </summary>
public abstract class OutageConformance
{
    private const int Tasks = 10;
    private const long Credits = 10_000;

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Ten_answers_that_come_meanwhile_are_written_when_it_is_back_even_behind_their_leases()
    {
        var answer = new TaskCompletionSource();
        await using var provider = await FakeProvider.StartAsync();
        provider.Books.Default = new JobPlan { AnswersAfter = answer.Task };
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.None) { Timeout = Until.Patience };
        var clock = new MovedClock();
        using var log = new HeardLog();
        await using var zoetrope = await TestZoetrope.StartAsync(Wanted(adapter, clock, log));

        // On PostgreSQL another node looks for leases that ran out.
        using var otherLog = new HeardLog();
        await using var other = Dialect is SqlDialect.Postgres
            ? await TestZoetrope.StartAsync(Wanted(adapter, clock, otherLog) with { Postgres = zoetrope.Postgres })
            : null;
        var customer = await zoetrope.Api.CreateCustomerAsync(Credits);
        var ids = new List<string>();
        for (var i = 0; i < Tasks; i++)
        {
            ids.Add((await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = $"Picture {i}" } })).Expect(200).Data.GetProperty("id").GetString()!);
        }

        await Until.HoldsAsync(() => provider.Books.Accepted.Count == Tasks);
        await using (await Outage.BeginAsync(zoetrope.Postgres, zoetrope.DataDirectory))
        {
            answer.SetResult();
            await Until.HoldsAsync(() => log.Count("did not take") + otherLog.Count("did not take") == Tasks, () => log.Lines);
            await Until.HoldsAsync(() => other is null || (log.Count("sweep failed") > 0 && otherLog.Count("sweep failed") > 0), () => otherLog.Lines);
            clock.Advance(TimeSpan.FromMinutes(2));
        }

        var tasks = await Task.WhenAll(ids.Select(id => zoetrope.Api.WaitAsync(customer, id)));

        Assert.All(tasks, task => Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString()));
        Assert.Equal(Credits - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await zoetrope.Api.CreditsAsync(customer));
        Assert.Equal((Tasks, Tasks), (provider.Books.Submits, provider.Books.Accepted.Count));
    }

    private TestServer Wanted(FakeProviderAdapter adapter, MovedClock clock, HeardLog log) => new()
    {
        Database = Dialect,
        Provider = adapter,
        Time = clock,
        Settings = new Dictionary<string, string?> { ["Logging:Level"] = "Warning" },
        Register = services => services.AddSingleton<ILoggerProvider>(log),
    };
}

public sealed class SqliteOutageTests : OutageConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresOutageTests : OutageConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
