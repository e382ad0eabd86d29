using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>
/// What every class of vendor's evidence makes of every fault at the submit: at most one job is bought for a generation, and
/// what nobody can find out is given back and booked to suspense.
/// </summary>
public abstract class EvidenceConformance
{
    private const long Credits = 1_000_000;

    private protected abstract SqlDialect Dialect { get; }

    public static TheoryData<string> Classes => [.. Enum.GetNames<EvidenceClass>()];

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task Each_fault_at_the_submit_ends_as_the_evidence_allows(string evidence)
    {
        await using var vendor = await Vendor.StartAsync(Dialect, Enum.Parse<EvidenceClass>(evidence));
        var started = new Dictionary<SubmitFault, string>();
        foreach (var fault in Enum.GetValues<SubmitFault>())
        {
            vendor.Books.PlanFor($"{fault}", new JobPlan { Submit = fault });
            started[fault] = await vendor.GenerateAsync($"{fault}");
        }

        // What can never be found out is not waited for.
        foreach (var fault in Enum.GetValues<SubmitFault>().OrderBy(fault => ExpectedEnd(vendor.Evidence, fault) == "OUTCOME_UNKNOWN"))
        {
            if (vendor.Evidence == EvidenceClass.CallsBack && ExpectedEnd(vendor.Evidence, fault) == "OUTCOME_UNKNOWN")
            {
                vendor.Clock.Advance(TimeSpan.FromMinutes(20));
            }

            var task = await vendor.WaitAsync(started[fault]);
            var jobs = vendor.Books.Accepted.Count(job => job.Prompt == $"{fault}");
            Assert.True((ExpectedEnd(vendor.Evidence, fault), ExpectedJobs(vendor.Evidence, fault)) == (TaskAnswers.EndOf(task), jobs), $"{evidence}, {fault}: {jobs} jobs, {task}");
        }

        var unknown = started.Where(item => ExpectedEnd(vendor.Evidence, item.Key) == "OUTCOME_UNKNOWN").Select(item => item.Value).ToList();
        await vendor.AssertBooksAsync(started.Values, unknown);
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public Task Lost_responses_buy_nothing_extra(string evidence) => LoseAsync(evidence, 200);

    [Theory]
    [MemberData(nameof(Classes))]
    [Trait("Category", "Nightly")]
    public Task A_thousand_lost_responses_buy_nothing_extra(string evidence) => LoseAsync(evidence, 1_000);

    [Fact]
    public async Task A_success_after_the_deadline_is_delivered_and_charged()
    {
        await using var vendor = await Vendor.StartAsync(Dialect, EvidenceClass.QueryByOurId);
        PollAnswer[] polls = [PollAnswer.Running];
        vendor.Books.Default = new JobPlan { Polls = polls, RefusesCancel = true };
        var id = await vendor.GenerateAsync("late");
        var task = await vendor.UntilAsync(id, "processing");
        await Until.HoldsAsync(() => vendor.Books.Polls > 0, () => $"{vendor.Books.Accepted.Count} jobs and no poll");

        vendor.Clock.Advance(task.GetProperty("timings").GetProperty("deadlineAt").GetDateTimeOffset() - vendor.Clock.GetUtcNow() + TimeSpan.FromMinutes(1));
        Assert.Equal("processing", (await vendor.ReadAsync(id)).GetProperty("status").GetString());
        polls[0] = PollAnswer.Succeeded;

        task = await vendor.WaitAsync(id);
        Assert.Equal("completed", TaskAnswers.EndOf(task));
        Assert.True(task.GetProperty("creditsUsed").GetInt64() > 0);
        await vendor.AssertBooksAsync([id], []);
    }

    [Fact]
    public async Task A_job_that_runs_on_after_the_window_is_abandoned_into_suspense()
    {
        await using var vendor = await Vendor.StartAsync(Dialect, EvidenceClass.QueryByOurId);
        vendor.Books.Default = new JobPlan { Polls = [PollAnswer.Running], RefusesCancel = true };
        var id = await vendor.GenerateAsync("forever");
        var task = await vendor.UntilAsync(id, "processing");
        await Until.HoldsAsync(() => vendor.Books.Polls > 0, () => $"{vendor.Books.Accepted.Count} jobs and no poll");

        vendor.Clock.Advance(task.GetProperty("timings").GetProperty("deadlineAt").GetDateTimeOffset() - vendor.Clock.GetUtcNow() + TimeSpan.FromMinutes(30));

        Assert.Equal("TIMED_OUT", TaskAnswers.EndOf(await vendor.WaitAsync(id)));
        await vendor.AssertBooksAsync([id], [id]);
    }

    [Fact]
    public async Task A_status_that_goes_backwards_does_not_go_backwards_for_the_customer()
    {
        await using var vendor = await Vendor.StartAsync(Dialect, EvidenceClass.QueryByOurId);
        PollAnswer[] polls = [PollAnswer.Running];
        vendor.Books.Default = new JobPlan { Polls = polls };
        var id = await vendor.GenerateAsync("backwards");
        await Until.SeesAsync(() => vendor.ReadAsync(id), task => task.GetProperty("progress").GetInt32() >= 50);

        var answered = vendor.Books.Polls;
        polls[0] = PollAnswer.Queued;
        await Until.HoldsAsync(async () =>
        {
            Assert.Equal(50, (await vendor.ReadAsync(id)).GetProperty("progress").GetInt32());
            return vendor.Books.Polls >= answered + 4;
        });

        polls[0] = PollAnswer.Succeeded;
        Assert.Equal("completed", TaskAnswers.EndOf(await vendor.WaitAsync(id)));
    }

    [Fact]
    public async Task A_cancel_in_each_state_ends_as_the_vendor_says()
    {
        await using var vendor = await Vendor.StartAsync(Dialect, EvidenceClass.QueryByOurId, concurrency: 1);
        PollAnswer[] polls = [PollAnswer.Running];
        vendor.Books.PlanFor("runs on", new JobPlan { Polls = polls, RefusesCancel = true });
        vendor.Books.PlanFor("stops", new JobPlan { Polls = [PollAnswer.Running] });
        vendor.Books.PlanFor("in the air", new JobPlan { Submit = SubmitFault.NoAnswerAfterAcceptance, Polls = [PollAnswer.Running] });
        var runsOn = await vendor.GenerateAsync("runs on");
        await vendor.UntilAsync(runsOn, "processing");

        // The one slot is taken: this one waits, and is gone at once.
        var queued = await vendor.GenerateAsync("queued");
        Assert.Equal("CANCELLED", TaskAnswers.EndOf(await vendor.CancelAsync(queued)));

        await Until.HoldsAsync(() => vendor.Books.Polls > 0);

        var cancel = vendor.CancelAsync(runsOn);
        await Until.SeesAsync(() => vendor.ReadAsync(runsOn), asked => asked.TryGetProperty("cancel", out var wish) && wish.GetString() == "declined");
        polls[0] = PollAnswer.Succeeded;
        await cancel;
        Assert.Equal("completed", TaskAnswers.EndOf(await vendor.WaitAsync(runsOn)));

        // A task is processing before its call leaves: a cancel that comes between finds nothing to stop at the vendor.
        var stops = await vendor.GenerateAsync("stops");
        await Until.HoldsAsync(() => vendor.Books.Accepted.Any(job => job.Prompt == "stops"));
        Assert.Equal("CANCELLED", TaskAnswers.EndOf(await vendor.CancelAsync(stops)));

        var inTheAir = await vendor.GenerateAsync("in the air");
        await Until.HoldsAsync(() => vendor.Books.Accepted.Any(job => job.Prompt == "in the air"));
        await vendor.CancelAsync(inTheAir);
        Assert.Equal("CANCELLED", TaskAnswers.EndOf(await vendor.WaitAsync(inTheAir)));

        Assert.Equal(["runs on", "stops", "in the air"], vendor.Books.Accepted.Select(job => job.Prompt));
        await vendor.AssertBooksAsync([runsOn, queued, stops, inTheAir], []);
    }

    private async Task LoseAsync(string evidence, int count)
    {
        await using var vendor = await Vendor.StartAsync(Dialect, Enum.Parse<EvidenceClass>(evidence));
        vendor.Books.Default = new JobPlan { Submit = SubmitFault.ResetAfterAcceptance, Polls = [PollAnswer.Failed] };
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await vendor.GenerateAsync($"lost {i}"));
        }

        var expected = vendor.Evidence == EvidenceClass.None ? "OUTCOME_UNKNOWN" : "GENERATION_FAILED";
        foreach (var id in ids)
        {
            Assert.Equal(expected, TaskAnswers.EndOf(await vendor.WaitAsync(id)));
        }

        Assert.Equal(count, vendor.Books.Accepted.Count);
        Assert.Equal(count, vendor.Books.Accepted.Select(job => job.Prompt).Distinct().Count());
        await vendor.AssertBooksAsync(ids, vendor.Evidence == EvidenceClass.None ? ids : []);
    }

    private static string ExpectedEnd(EvidenceClass evidence, SubmitFault fault) => fault switch
    {
        SubmitFault.None or SubmitFault.RateLimited or SubmitFault.RateLimitedWithRetryAfter => "completed",
        SubmitFault.Refused => "INPUT_REFUSED",
        SubmitFault.Moderated => "CONTENT_REFUSED",
        SubmitFault.Unauthorized or SubmitFault.OutOfCredit => "PROVIDER_UNAVAILABLE",
        _ when evidence == EvidenceClass.None => "OUTCOME_UNKNOWN",
        SubmitFault.ErrorBeforeAcceptance or SubmitFault.ResetBeforeAcceptance when evidence == EvidenceClass.CallsBack => "OUTCOME_UNKNOWN",
        _ => "completed",
    };

    private static int ExpectedJobs(EvidenceClass evidence, SubmitFault fault) => fault switch
    {
        SubmitFault.Refused or SubmitFault.Moderated or SubmitFault.Unauthorized or SubmitFault.OutOfCredit => 0,
        SubmitFault.ErrorBeforeAcceptance or SubmitFault.ResetBeforeAcceptance when evidence is EvidenceClass.CallsBack or EvidenceClass.None => 0,
        _ => 1,
    };

    /// <summary>A server in front of one vendor of the wanted class, and one customer.</summary>
    private sealed class Vendor(TestZoetrope zoetrope, FakeProvider provider, FakeProviderAdapter adapter, MovedClock clock, Customer customer) : IAsyncDisposable
    {
        public FakeBooks Books => provider.Books;

        public EvidenceClass Evidence => adapter.Evidence;

        public MovedClock Clock => clock;

        public static async Task<Vendor> StartAsync(SqlDialect dialect, EvidenceClass evidence, int concurrency = 32)
        {
            var provider = await FakeProvider.StartAsync(honoursIdempotencyKeys: evidence == EvidenceClass.IdempotencyKey);
            var adapter = new FakeProviderAdapter(provider, evidence);
            var clock = new MovedClock();
            var settings = new Dictionary<string, string?> { ["Providers:sandbox:Concurrency"] = $"{concurrency}" };
            var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = dialect, Provider = adapter, Time = clock, Settings = settings });
            return new Vendor(zoetrope, provider, adapter, clock, await zoetrope.Api.CreateCustomerAsync(Credits));
        }

        public async Task<string> GenerateAsync(string prompt) =>
            (await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt, aspect_ratio = "1:1" } })).Expect(200).Data.GetProperty("id").GetString()!;

        public Task<JsonElement> WaitAsync(string id) => zoetrope.Api.WaitAsync(customer, id);

        public async Task<JsonElement> ReadAsync(string id) => (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}?wait=0.02")).Expect(200).Data;

        public async Task<JsonElement> CancelAsync(string id) => (await zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key)).Expect(200).Data;

        public Task<JsonElement> UntilAsync(string id, string status) =>
            Until.SeesAsync(() => ReadAsync(id), task => task.GetProperty("status").GetString() == status, what: $"{id} to be {status}");

        /// <summary>Charged is what completed; everything else is back; of the unknown ones, and only of them, the cost is in suspense.</summary>
        public async Task AssertBooksAsync(IEnumerable<string> all, IReadOnlyCollection<string> unknown)
        {
            long charged = 0;
            foreach (var id in all)
            {
                charged += (await ReadAsync(id)).GetProperty("creditsUsed").GetInt64();
            }

            var balance = (await zoetrope.Api.GetAsync(customer, "/api/v1/credits")).Expect(200).Data;
            Assert.Equal((Credits - charged, 0L), (balance.GetProperty("credits").GetInt64(), balance.GetProperty("held").GetInt64()));
            var database = (Database)zoetrope.Services.GetService(typeof(Database))!;
            var suspended = await database.ReadAsync(async session => await session.QueryAsync<string>("select generation_id from ledger_transfers where kind = 'suspend' order by generation_id"));
            Assert.Equal(unknown.Order(StringComparer.Ordinal), suspended);
            var wrong = await database.ReadAsync(async session => await session.ScalarAsync<long>(
                "select count(*) from ledger_transfers t join generations g on g.account_id = t.account_id and g.id = t.generation_id where t.kind = 'suspend' and t.amount <> g.quoted"));
            Assert.Equal(0, wrong);
            await zoetrope.Api.AssertLedgerIsCleanAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await zoetrope.DisposeAsync();
            adapter.Dispose();
            await provider.DisposeAsync();
        }
    }
}

public sealed class SqliteEvidenceTests : EvidenceConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresEvidenceTests : EvidenceConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
