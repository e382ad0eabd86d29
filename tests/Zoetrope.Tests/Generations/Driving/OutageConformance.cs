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
public abstract class OutageConformance : VendorScene
{
    private const int Tasks = 10;
    private const long Credits = 10_000;

    private readonly MovedClock _clock = new();
    private readonly HeardLog _log = new();

    private protected override TestServer Wanted => Node(_log);

    private protected override FakeProviderAdapter Adapt(FakeProvider provider) =>
        new(provider, EvidenceClass.None) { Timeout = Until.Patience };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _log.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Ten_answers_that_come_meanwhile_are_written_when_it_is_back_even_behind_their_leases()
    {
        var answer = new TaskCompletionSource();
        Provider.Books.Default = new JobPlan { AnswersAfter = answer.Task };

        // On PostgreSQL another node looks for leases that ran out.
        using var otherLog = new HeardLog();
        await using var other = Dialect is SqlDialect.Postgres
            ? await TestZoetrope.StartAsync(Node(otherLog) with { Database = Dialect, Provider = Adapter, Postgres = Zoetrope.Postgres })
            : null;
        var customer = await Api.CreateCustomerAsync(Credits);
        var ids = new List<string>();
        for (var i = 0; i < Tasks; i++)
        {
            ids.Add((await Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = $"Picture {i}" } })).Expect(200).Data.GetProperty("id").GetString()!);
        }

        await Until.HoldsAsync(() => Provider.Books.Accepted.Count == Tasks);
        await using (await Outage.BeginAsync(Zoetrope.Postgres, Zoetrope.DataDirectory))
        {
            answer.SetResult();
            await Until.HoldsAsync(() => _log.Count("did not take") + otherLog.Count("did not take") == Tasks, () => _log.Lines);

            // The one scheduler of both nodes sees that the database is away, and sees it again after the leases have run out.
            int Failures() => _log.Count("could not look at its tasks") + otherLog.Count("could not look at its tasks");
            await Until.HoldsAsync(() => other is null || Failures() > 0, () => otherLog.Lines);
            _clock.Advance(TimeSpan.FromMinutes(2));
            var before = Failures();
            await Until.HoldsAsync(() => other is null || Failures() > before, () => otherLog.Lines);
        }

        var tasks = await Task.WhenAll(ids.Select(id => Api.WaitAsync(customer, id)));

        Assert.All(tasks, task => Assert.True(task.GetProperty("status").GetString() == "completed", task.ToString()));
        Assert.Equal(Credits - tasks.Sum(task => task.GetProperty("creditsUsed").GetInt64()), await Api.CreditsAsync(customer));
        Assert.Equal((Tasks, Tasks), (Provider.Books.Submits, Provider.Books.Accepted.Count));
    }

    private TestServer Node(HeardLog log) => new()
    {
        Time = _clock,
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
