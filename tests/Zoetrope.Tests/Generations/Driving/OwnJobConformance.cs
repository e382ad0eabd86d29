using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>A vendor's job belongs to one attempt: whoever looks for a lost one never takes another's, on whichever node.</summary>
public abstract class OwnJobConformance
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task A_job_that_is_looked_up_is_taken_once_and_an_answer_of_a_vendor_without_ids_is_kept_all_the_same()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        foreach (var attempt in new[] { "a", "b", "c", "d" })
        {
            await InsertAsync(database, attempt, "bfl");
        }

        await InsertAsync(database, "other", "fal");
        await SetAsync(database, "a", "job-1");
        await SetAsync(database, "b", "job-1");
        await SetAsync(database, "other", "job-1");
        await Assert.ThrowsAsync<JobTakenException>(() => SetAsync(database, "c", "job-1", isLookedUp: true));
        Assert.False(await database.Database.InTransactionAsync(tx => AttemptStore.AdoptAsync(tx, "att_c", "job-1", Now)));
        await database.Database.InTransactionAsync(tx => AttemptStore.KeepHandleAsync(tx, "att_d", new string('x', 600), null, Now));
        Assert.Equal(
            ["att_a accepted job-1 1", "att_b accepted job-1 ", "att_c unknown  ", $"att_d unknown {new string('x', 600)} ", "att_other accepted job-1 1"],
            await database.QueryAsync<string>("select id || ' ' || state || ' ' || coalesce(provider_task_id, '') || ' ' || coalesce(cast(owns_job as text), '') from attempts order by id"));

        var lost = await FindAsync(database, "c");
        Assert.Equal(["job-1"], await database.Database.ReadAsync(session => AttemptStore.TakenAsync(session, lost, ["job-1", "job-2"])));
        await SetAsync(database, "c", "job-2", isLookedUp: true);
        Assert.Empty(await database.Database.ReadAsync(session => AttemptStore.TakenAsync(session, lost, ["job-2"])));
    }

    [Fact]
    public async Task An_attempt_is_the_only_one_of_its_input_until_another_without_a_job_asks_for_the_same()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        await InsertAsync(database, "a", "bfl");
        await InsertAsync(database, "b", "fal");
        await InsertAsync(database, "c", "bfl", hash: "another");
        var lost = await FindAsync(database, "a");
        Assert.True(await IsOnlyAsync(database, lost));
        await InsertAsync(database, "d", "bfl");
        Assert.False(await IsOnlyAsync(database, lost));
        await SetAsync(database, "d", "job-1");
        Assert.True(await IsOnlyAsync(database, lost));
    }

    private protected static Task SetAsync(TestDatabase database, string attempt, string job, bool isLookedUp = false) => database.Database.InTransactionAsync(
        tx => AttemptStore.SetStateAsync(tx, $"att_{attempt}", new AttemptOutcome(AttemptStore.Accepted, job) { IsLookedUp = isLookedUp }, Now));

    private protected static Task InsertAsync(TestDatabase database, string attempt, string provider, string hash = "same") => database.ExecuteAsync(
        """
        insert into attempts (id, account_id, generation_id, number, provider, provider_model, state, fence, request_hash, owner, cost_source, created_at, updated_at)
        values (@id, 'acct_1', @generation, 1, @provider, 'm', 'unknown', 1, @hash, 'me', 'none', 0, 0)
        """,
        new { id = $"att_{attempt}", generation = $"task_{attempt}", provider, hash });

    private static ValueTask<bool> IsOnlyAsync(TestDatabase database, Attempt attempt) =>
        database.Database.ReadAsync(session => AttemptStore.IsOnlyAsync(session, attempt, ""));

    private static async Task<Attempt> FindAsync(TestDatabase database, string attempt) =>
        (await database.Database.ReadAsync(session => AttemptStore.FindAsync(session, $"att_{attempt}")))!;
}

public sealed class SqliteOwnJobTests : OwnJobConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresOwnJobTests : OwnJobConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;

    [Fact]
    public async Task Of_two_nodes_that_adopt_a_job_at_once_one_does()
    {
        await using var database = await TestDatabase.CreateAsync(Dialect);
        await InsertAsync(database, "a", "bfl");
        await InsertAsync(database, "b", "bfl");
        var (held, commit) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = database.Database.InTransactionAsync(async tx =>
        {
            await AttemptStore.AdoptAsync(tx, "att_a", "job-1", DateTimeOffset.UnixEpoch);
            held.SetResult();
            await commit.Task;
        });
        await held.Task;
        var second = SetAsync(database, "b", "job-1", isLookedUp: true);
        await Until.HoldsAsync(async () => await database.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 1);
        commit.SetResult();
        await first;

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => second);
        Assert.True(database.Database.IsDuplicate(refused), refused.ToString());
        await Assert.ThrowsAsync<JobTakenException>(() => SetAsync(database, "b", "job-1", isLookedUp: true));
    }
}
