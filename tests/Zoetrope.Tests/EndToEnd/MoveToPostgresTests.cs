using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;
using Zoetrope.Server.Hosting.Commands.Moving;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Bfl;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>From one node with SQLite and a disk to PostgreSQL and a bucket: everything goes on there, or nothing has changed.</summary>
public sealed class MoveToPostgresTests
{
    private const string Sandbox = "flux-2-pro-text-to-image";

    [Fact]
    public async Task Everything_that_has_a_row_is_moved_and_running_tasks_go_on_at_the_new_place()
    {
        TestPostgres.SkipIfAbsent();
        await using var vendor = new FakeBfl();
        await vendor.OpenAsync();
        var finished = false;
        vendor.Books.Default = new JobPlan { Answer = () => Volatile.Read(ref finished) ? PollAnswer.Succeeded : PollAnswer.Running };
        var live = new Dictionary<string, string?>
        {
            ["Zoetrope__Providers__bfl__BaseUrl"] = vendor.BaseUrl.ToString(),
            ["Zoetrope__Providers__bfl__ApiKey"] = vendor.Key,
            ["Zoetrope__Egress__AllowedPrivateHosts"] = "127.0.0.1",
        };
        await using var old = await ServerProcess.StartAsync(live);
        var (tester, payer) = (await old.Api.CreateCustomerAsync(), await old.Api.CreateCustomerAsync(mode: "live"));

        // A customer who does not answer, so that deliveries wait.
        (await old.Api.SendAsync(HttpMethod.Post, "/api/v1/webhooks", tester.Key, """{"url":"http://127.0.0.1:9/hook","events":["task.completed"]}""")).Expect(200);
        (await old.Api.SendAsync(HttpMethod.Post, "/oauth/register", null, """{"redirect_uris":["http://127.0.0.1:3000/callback"],"client_name":"A program"}""")).Expect(201);
        var upload = await old.Api.UploadAsync(tester, TestMedia.Png, "image/png");
        var done = await StartAsync(old, tester, "a cat", "the same");
        var url = (await old.Api.WaitAsync(tester, done)).GetProperty("result").GetProperty("url").GetString()!;
        var failed = await StartAsync(old, tester, "[[moderated]] a cat");
        await old.Api.WaitAsync(tester, failed);
        var slow = await StartAsync(old, tester, "[[slow:25s]] a dog");
        var asked = await StartAsync(old, tester, "[[provider-429]] a bird");
        await old.Api.WaitAsync(tester, asked);
        (await old.Api.SendAsync(HttpMethod.Post, "/api/v1/batches", tester.Key, $$$"""{"requests":[{"model":"{{{Sandbox}}}","input":{"prompt":"one"}}]}""")).Expect(200);
        var paid = await StartAsync(old, payer, "a lighthouse");
        await Until.HoldsAsync(() => vendor.Books.Accepted.Count == 1);
        await Until.SeesAsync(async () => (await old.Api.GetAsync(payer, $"/api/v1/tasks/{paid}")).Data.GetProperty("status").GetString(), status => status is "processing" or "running");
        var credits = await old.Api.CreditsAsync(tester);

        using var place = new TemporaryDirectory();
        var export = place.File("export.tar");
        Assert.Contains("DATA_DIRECTORY_IN_USE", (await RunAsync(old.DataDirectory, null, "export", export)).Errors, StringComparison.Ordinal);
        await old.TerminateAsync();
        await old.ExitCodeAsync(Until.Patience);
        Succeeded(await RunAsync(old.DataDirectory, null, "export", export));
        var lastEvent = Scalar(old.DataDirectory, "select seq from sqlite_sequence where name = 'events'");

        // The same with books that do not agree.
        Execute(old.DataDirectory, "update balances set available = available + 1 where available > 0");
        var broken = place.File("broken.tar");
        Succeeded(await RunAsync(old.DataDirectory, null, "export", broken));

        var postgres = await TestPostgres.CreateAsync(migrated: false);
        try
        {
            await using var bucket = await FakeS3.StartAsync();
            var environment = bucket.Settings().ToDictionary(pair => "Zoetrope__" + pair.Key.Replace(":", "__", StringComparison.Ordinal), pair => pair.Value);
            environment["Zoetrope__Database__ConnectionString"] = postgres;
            environment["Zoetrope__Secrets__MasterKey"] = TestZoetrope.MasterKey;
            environment["Zoetrope__Admin__Key"] = TestZoetrope.OperatorKey;
            var refused = await RunAsync(place.File("node"), environment, "import", broken);
            Assert.StartsWith("error: AUDIT_FAILED: ", refused.Errors, StringComparison.Ordinal);
            Assert.Equal(0L, await AskAsync(postgres, "select count(*) from accounts"));
            await File.WriteAllBytesAsync(broken, (await File.ReadAllBytesAsync(export))[..20_000]);
            Assert.StartsWith("error: NO_EXPORT: ", (await RunAsync(place.File("node"), environment, "import", broken)).Errors, StringComparison.Ordinal);

            var imported = await RunAsync(place.File("node"), environment, "import", export);
            Succeeded(imported);
            var rows = JsonDocument.Parse(imported.Output).RootElement.GetProperty("rows");
            Assert.All(
                ["accounts", "api_keys", "generations", "attempts", "ledger_transfers", "events", "artifacts", "uploads", "batches", "blobs", "webhook_endpoints",
                    "webhook_deliveries", "oauth_clients", "sandbox_jobs", "sandbox_counts", "idempotency_keys"],
                table => Assert.True(rows.GetProperty(table).GetInt64() > 0, $"{table} has no rows: the scene lacks something."));
            Assert.StartsWith("error: DATABASE_NOT_EMPTY: ", (await RunAsync(place.File("node"), environment, "import", export)).Errors, StringComparison.Ordinal);

            await using var fresh = await ServerProcess.StartAsync(new Dictionary<string, string?>([.. environment, .. live]));
            await fresh.Api.AssertLedgerIsCleanAsync();
            Assert.Equal(credits, await fresh.Api.CreditsAsync(tester));
            Assert.Equal(done, await StartAsync(fresh, tester, "a cat", "the same"));
            Assert.NotEmpty(await fresh.Api.DownloadAsync(new Uri(url).PathAndQuery));
            Assert.NotEmpty(await fresh.Api.DownloadAsync(new Uri(upload).PathAndQuery));
            Assert.True(await AskAsync(postgres, "select count(*) from webhook_deliveries where state in ('pending', 'sending')") > 0);

            Volatile.Write(ref finished, true);
            Assert.Equal("completed", (await fresh.Api.WaitAsync(payer, paid)).GetProperty("status").GetString());
            Assert.Equal(1, vendor.Books.Submits);
            Assert.Equal("completed", (await fresh.Api.WaitAsync(tester, slow)).GetProperty("status").GetString());
            Assert.Equal("completed", (await fresh.Api.WaitAsync(tester, await StartAsync(fresh, tester, "a fox"))).GetProperty("status").GetString());
            Assert.True(await AskAsync(postgres, "select min(seq) from events where seq > " + lastEvent) > lastEvent);
            Assert.Equal(0L, await AskAsync(postgres, "select count(*) - count(distinct seq) from events"));
            await fresh.Api.AssertLedgerIsCleanAsync();
        }
        finally
        {
            await TestPostgres.DropAsync(postgres);
        }
    }

    [Fact]
    public async Task Every_table_is_moved_or_is_known_to_stay()
    {
        await using var sqlite = await TestDatabase.CreateAsync(SqlDialect.Sqlite);
        await using var postgres = await TestDatabase.CreateAsync(SqlDialect.Postgres);
        await using var from = new SqliteConnection($"Data Source={sqlite.SqlitePath};Pooling=false;Mode=ReadOnly");
        await from.OpenAsync(TestContext.Current.CancellationToken);

        // Refuses tables and columns that only one of them has.
        var moved = await postgres.Database.InTransactionAsync(tx => new TableCopy(from, tx).TablesAsync());
        var all = await postgres.QueryAsync<string>("select table_name from information_schema.tables where table_schema = current_schema() and table_type = 'BASE TABLE'");
        Assert.Equal(
            all.Except(TableCopy.Own).Order(StringComparer.Ordinal), moved.Select(table => table.Name).Order(StringComparer.Ordinal));

        // An index of SQLite's is several tables, and none of PostgreSQL's.
        Assert.All(TableCopy.Own.Where(name => !name.StartsWith("prompt_index", StringComparison.Ordinal)), name => Assert.Contains(name, all));
        await sqlite.ExecuteAsync("create table forgotten (id integer primary key)");
        var refused = await Assert.ThrowsAsync<Zoetrope.Server.Hosting.StartException>(
            () => postgres.Database.InTransactionAsync(tx => new TableCopy(from, tx).TablesAsync()));
        Assert.Contains("forgotten", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<string> StartAsync(ServerProcess server, Customer customer, string prompt, string? key = null) =>
        (await server.Api.GenerateAsync(customer, new { model = Sandbox, input = new { prompt } }, key)).Expect(200).Data.GetProperty("id").GetString()!;

    private static void Succeeded((int Exit, string Output, string Errors) run) => Assert.True(run.Exit == 0, run.Errors);

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string directory, IReadOnlyDictionary<string, string?>? environment, params string[] words)
    {
        await using var process = ChildProcess.StartAssembly(
            "Zoetrope.Server.dll", [.. words, "--json"], new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>()) { ["ZOETROPE_DATA"] = directory });
        var exit = await process.ExitCodeAsync(Until.Patience);
        return (exit, process.StandardOutput, process.StandardError);
    }

    private static void Execute(string directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={StorageFeature.SqlitePath(directory)};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    private static long Scalar(string directory, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={StorageFeature.SqlitePath(directory)};Pooling=false;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static async Task<long> AskAsync(string postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
