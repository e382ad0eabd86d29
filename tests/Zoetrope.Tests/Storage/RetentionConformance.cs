using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Zoetrope.Server;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Storage;

/// <summary>Old rows go while the server runs, those that are needed stay, and whoever asks for them is told; on both databases.</summary>
public abstract class RetentionConformance
{
    private const int Keys = 17_000;
    private const string Refused = "[[fail]]";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private protected abstract SqlDialect Dialect { get; }

    [Fact]
    public async Task Seventeen_thousand_expired_idempotency_keys_are_gone_soon_after_the_start_and_fresh_ones_stay()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Register = SeedBeforeAnythingElse });

        await UntilAsync(zoetrope, "select count(*) from idempotency_keys where generation_id = 'old'", 0);

        Assert.Equal(1, await CountAsync(zoetrope, "select count(*) from idempotency_keys"));
    }

    [Fact]
    public async Task Submits_go_on_while_old_rows_are_deleted()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer { Database = Dialect, Register = SeedBeforeAnythingElse });
        var customer = await zoetrope.Api.CreateCustomerAsync();

        var replies = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            replies.Add((await zoetrope.Api.GenerateAsync(customer, Request(Refused), $"key-{i}")).Status);
        }

        await UntilAsync(zoetrope, "select count(*) from idempotency_keys where generation_id = 'old'", 0);
        Assert.All(replies, status => Assert.Equal(200, status));
        Assert.Equal(21, await CountAsync(zoetrope, "select count(*) from idempotency_keys"));
    }

    [Fact]
    public async Task A_table_that_fails_is_tried_again_soon_and_holds_up_no_other()
    {
        await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Register = services =>
            {
                SeedBeforeAnythingElse(services);
                services.Insert(0, ServiceDescriptor.Singleton<IRetention, Stubborn>());
            },
        });
        var stubborn = zoetrope.Services.GetServices<IRetention>().OfType<Stubborn>().Single();

        await UntilAsync(zoetrope, "select count(*) from idempotency_keys where generation_id = 'old'", 0);

        await stubborn.Recovered.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_cursor_from_before_the_kept_events_is_refused_and_the_newest_still_resumes()
    {
        var clock = new MovedClock();
        await using var zoetrope = await StartAsync(clock);
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var bystander = await zoetrope.Api.CreateCustomerAsync();
        var (id, ids) = await RunAsync(zoetrope, customer);

        clock.Advance(TimeSpan.FromDays(31));
        await UntilAsync(zoetrope, "select count(*) from events", 0);

        var resumed = await zoetrope.Api.GetAsync(customer, $"/api/v1/events?after={ids[0]}");
        Assert.Equal((410, "CURSOR_EXPIRED"), (resumed.Status, resumed.Code));
        Assert.Contains($"continue from {ids[^1]}", resumed.Text, StringComparison.Ordinal);
        Assert.Equal((410, "CURSOR_EXPIRED"), await RefusalAsync(zoetrope, customer, $"/api/v1/tasks/{id}/events?after={ids[0]}"));
        Assert.Equal((400, "INVALID_CURSOR"), await RefusalAsync(zoetrope, customer, $"/api/v1/events?after={ids[^1] + 1_000}"));
        Assert.Equal((400, "INVALID_CURSOR"), await RefusalAsync(zoetrope, bystander, $"/api/v1/events?after={ids[0]}"));

        // Nothing came after its last event, so whoever has read that has missed nothing; and a beginning is always one.
        await using var newest = await EventReader.OpenAsync(zoetrope.Api, customer, $"/api/v1/events?after={ids[^1]}");
        await using var beginning = await EventReader.OpenAsync(zoetrope.Api, customer, "/api/v1/events?after=0");
        await using var story = await EventReader.OpenAsync(zoetrope.Api, customer, $"/api/v1/tasks/{id}/events");
        var next = (await zoetrope.Api.GenerateAsync(customer, Request(Refused))).Expect(200).Data.GetProperty("id").GetString();
        Assert.Equal(next, (await newest.NextAsync())!.TaskId);
        Assert.Equal(next, (await beginning.NextAsync())!.TaskId);
        Assert.Equal(204, (int)story.Response.StatusCode);
        (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200);
        await zoetrope.Api.WaitAsync(customer, next!);
    }

    [Fact]
    public async Task Attempts_go_except_those_whose_outcome_was_never_learnt()
    {
        var clock = new MovedClock();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        await using var zoetrope = await StartAsync(clock, adapter);
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            ids.Add((await zoetrope.Api.GenerateAsync(customer, Request($"A red fox {i}"))).Expect(200).Data.GetProperty("id").GetString()!);
            await zoetrope.Api.WaitAsync(customer, ids[i]);
        }

        await ExecuteAsync(zoetrope, "update attempts set state = 'unresolved' where generation_id = @id", new { id = ids[1] });
        Assert.Equal(2, await CountAsync(zoetrope, "select count(*) from attempts"));

        clock.Advance(AheadIds.Of(Ids.Generation, ids[0]) + TimeSpan.FromDays(91));
        await UntilAsync(zoetrope, "select count(*) from attempts", 1);

        Assert.Equal(1, await CountAsync(zoetrope, "select count(*) from attempts where state = 'unresolved'"));
    }

    [Fact]
    public async Task The_counts_of_long_past_days_go()
    {
        var clock = new MovedClock();
        await using var zoetrope = await StartAsync(clock);
        var customer = await zoetrope.Api.CreateCustomerAsync(plan: "pro");
        await RunAsync(zoetrope, customer);
        Assert.Equal(1, await CountAsync(zoetrope, "select count(*) from account_usage"));

        clock.Advance(TimeSpan.FromDays(401));
        await UntilAsync(zoetrope, "select count(*) from account_usage", 0);
    }

    [Fact]
    public async Task Finished_tasks_and_batches_go_with_their_files_where_the_operator_says_so()
    {
        var clock = new MovedClock();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        await using var zoetrope = await StartAsync(clock, adapter, ("Retention:GenerationDays", "40"));
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var (id, _) = await RunAsync(zoetrope, customer, "A red fox");
        var file = (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Data.GetProperty("result").GetProperty("url").GetString()!;
        var batch = (await zoetrope.Api.SendAsync(
            HttpMethod.Post,
            "/api/v1/batches",
            customer.Key,
            """{"requests":[{"model":"flux-2-pro-text-to-image","input":{"prompt":"one"}},{"model":"flux-2-pro-text-to-image","input":{"prompt":"two"}}]}""")).Expect(200).Data.GetProperty("id").GetString()!;
        await UntilAsync(zoetrope, "select count(*) from batches where open = 0", 1);
        var balance = await zoetrope.Api.CreditsAsync(customer);

        clock.Advance(TimeSpan.FromDays(39));
        (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200);
        await UntilAsync(zoetrope, "select count(*) from events", 0);
        Assert.Equal(3, await CountAsync(zoetrope, "select count(*) from generations"));
        clock.Advance(AheadIds.Of(Ids.Generation, id) + TimeSpan.FromDays(2));
        await UntilAsync(zoetrope, "select count(*) from generations", 0);

        Assert.Equal((404, "TASK_NOT_FOUND"), await RefusalAsync(zoetrope, customer, $"/api/v1/tasks/{id}"));
        Assert.Equal((404, "TASK_NOT_FOUND"), await RefusalAsync(zoetrope, customer, $"/api/v1/tasks/{id}/events"));
        Assert.Equal((404, "BATCH_NOT_FOUND"), await RefusalAsync(zoetrope, customer, $"/api/v1/batches/{batch}"));
        Assert.Equal(0, await CountAsync(zoetrope, "select count(*) from batches"));
        Assert.Equal(0, await CountAsync(zoetrope, "select count(*) from artifacts where deleted_at is null"));
        Assert.Equal(404, (await zoetrope.Api.SendAsync(HttpMethod.Get, new Uri(file).AbsolutePath, key: null)).Status is var status && status == 403 ? 404 : status);
        Assert.Equal(balance, await zoetrope.Api.CreditsAsync(customer));
        await zoetrope.Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task Test_tasks_go_by_themselves_and_live_ones_stay()
    {
        var clock = new MovedClock();
        await using var provider = await FakeProvider.StartAsync();
        using var adapter = new FakeProviderAdapter(provider, EvidenceClass.QueryByOurId);
        await using var zoetrope = await StartAsync(clock, adapter, ("Retention:TestGenerationDays", "35"));
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var (test, _) = await RunAsync(zoetrope, customer, "A red fox");
        var (live, _) = await RunAsync(zoetrope, customer, "A blue fox");
        await ExecuteAsync(zoetrope, "update generations set mode = 1 where id = @live", new { live });
        (await zoetrope.Api.SendAsync(HttpMethod.Post, "/api/v1/batches", customer.Key, """{"requests":[{"model":"flux-2-pro-text-to-image","input":{"prompt":"one"}}]}""")).Expect(200);
        await UntilAsync(zoetrope, "select count(*) from batches where open = 0", 1);

        clock.Advance(TimeSpan.FromDays(34));
        await UntilAsync(zoetrope, "select count(*) from events", 0);
        Assert.Equal(3, await CountAsync(zoetrope, "select count(*) from generations"));
        clock.Advance(AheadIds.Of(Ids.Generation, test) + TimeSpan.FromDays(2));
        await UntilAsync(zoetrope, "select count(*) from generations", 1);

        Assert.Equal(1, await CountAsync(zoetrope, "select count(*) from generations where mode = 1"));
        Assert.Equal(0, await CountAsync(zoetrope, "select count(*) from batches"));
        Assert.Equal(2, await CountAsync(zoetrope, "select count(*) from artifacts where deleted_at is null"));
        await ExecuteAsync(zoetrope, "update generations set mode = 0 where id = @live", new { live });
        await zoetrope.Api.AssertLedgerIsCleanAsync();
    }

    [Fact]
    public async Task A_task_that_is_not_finished_outlives_every_retention()
    {
        var clock = new MovedClock();
        await using var zoetrope = await StartAsync(clock, null, ("Retention:GenerationDays", "40"), ("Generations:MaxQueuedHours", "720"), ("Providers:sandbox:Concurrency", "0"));
        var customer = await zoetrope.Api.CreateCustomerAsync();
        var id = (await zoetrope.Api.GenerateAsync(customer, Request("waits"))).Expect(200).Data.GetProperty("id").GetString()!;
        await ExecuteAsync(zoetrope, "insert into account_usage (account_id, day, requests) values ('acct_marker', 0, 1)");

        clock.Advance(TimeSpan.FromDays(29));
        await UntilAsync(zoetrope, "select count(*) from account_usage", 0);
        await ExecuteAsync(zoetrope, "update events set created_at = created_at - 172800000");
        clock.Advance(TimeSpan.FromHours(1));
        await UntilAsync(zoetrope, "select count(*) from events", 0);

        Assert.Equal("pending", (await zoetrope.Api.GetAsync(customer, $"/api/v1/tasks/{id}")).Expect(200).Data.GetProperty("status").GetString());
        (await zoetrope.Api.SendAsync(HttpMethod.Delete, $"/api/v1/tasks/{id}", customer.Key)).Expect(200);
    }

    private static object Request(string prompt) => new { model = "flux-2-pro-text-to-image", input = new { prompt } };

    private static async Task<(int, string?)> RefusalAsync(TestZoetrope zoetrope, Customer customer, string path) =>
        await zoetrope.Api.GetAsync(customer, path) is var reply ? (reply.Status, reply.Code) : default;

    private static Task ExecuteAsync(TestZoetrope zoetrope, string sql, object? arguments = null) =>
        zoetrope.Services.GetRequiredService<Database>().InTransactionAsync(tx => tx.ExecuteAsync(sql, arguments));

    private static async Task<long> CountAsync(TestZoetrope zoetrope, string sql) =>
        await zoetrope.Services.GetRequiredService<Database>().ReadAsync(async session => await session.ScalarAsync<long>(sql));

    private static Task UntilAsync(TestZoetrope zoetrope, string sql, long wanted) =>
        Until.SeesAsync(() => CountAsync(zoetrope, sql), found => found == wanted, Patience, $"{wanted} from {sql}");

    private static void SeedBeforeAnythingElse(IServiceCollection services) =>
        services.Insert(0, ServiceDescriptor.Singleton<IHostedService>(provider => new Seed(provider.GetRequiredService<Database>())));

    /// <summary>Runs a task to its end; returns it with the numbers of its events.</summary>
    private static async Task<(string Id, List<long> Events)> RunAsync(TestZoetrope zoetrope, Customer customer, string prompt = Refused)
    {
        var id = (await zoetrope.Api.GenerateAsync(customer, Request(prompt))).Expect(200).Data.GetProperty("id").GetString()!;
        await zoetrope.Api.WaitAsync(customer, id);
        await using var reader = await EventReader.OpenAsync(zoetrope.Api, customer, $"/api/v1/tasks/{id}/events");
        return (id, [.. (await reader.AllAsync()).Where(item => item.Id is not null).Select(item => item.Id!.Value)]);
    }

    private Task<TestZoetrope> StartAsync(MovedClock clock, IProviderAdapter? provider = null, params (string Name, string Value)[] settings) =>
        TestZoetrope.StartAsync(new TestServer
        {
            Database = Dialect,
            Time = clock,
            Provider = provider,
            Settings = settings.ToDictionary(setting => setting.Name, setting => (string?)setting.Value),
        });

    /// <summary>Keys that expired long ago, and one that did not, as an earlier run of the server left them.</summary>
    private sealed class Seed(Database database) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => database.InTransactionAsync(async tx =>
        {
            var fresh = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await tx.ExecuteAsync(
                """
                with recursive n (i) as (select 0 union all select i + 1 from n where i < @last)
                insert into idempotency_keys (account_id, mode, key, fingerprint, generation_id, response, created_at)
                select 'acct_' || (i % 7), 0, 'key-' || i, @print, case when i = 0 then 'new' else 'old' end, '{}', case when i = 0 then @fresh else i end from n
                """,
                new { last = Keys, fresh, print = new byte[] { 1, 2, 3 } });
        });

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Fails once.</summary>
    private sealed class Stubborn : IRetention
    {
        private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public Task Recovered => _recovered.Task;

        public string Table => "stubborn";

        public TimeSpan Every => TimeSpan.FromHours(10);

        public Task<int> DeleteSomeAsync()
        {
            if (_calls++ == 0)
            {
                throw new InvalidOperationException("Not today.");
            }

            _recovered.TrySetResult();
            return Task.FromResult(0);
        }
    }
}

public sealed class SqliteRetentionTests : RetentionConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Sqlite;
}

public sealed class PostgresRetentionTests : RetentionConformance
{
    private protected override SqlDialect Dialect => SqlDialect.Postgres;
}
