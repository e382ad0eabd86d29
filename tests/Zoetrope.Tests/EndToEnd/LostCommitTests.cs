using System.Diagnostics;
using Npgsql;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.EndToEnd;

/// <summary>The connection to the database ends at a COMMIT. Whether it was done, the rows say, and the client hears it.</summary>
public sealed class LostCommitTests
{
    [Fact]
    public Task A_client_hears_what_became_of_its_task_and_an_operator_of_a_grant() => RunAsync(rounds: 9);

    [Fact]
    [Trait("Category", "Nightly")]
    public Task Five_hundred_connections_that_end_at_a_commit_tell_no_lie() => RunAsync(rounds: 500);

    private static async Task RunAsync(int rounds)
    {
        TestPostgres.SkipIfAbsent();
        var postgres = await TestPostgres.CreateAsync(migrated: true);
        try
        {
            await using var wire = new CommitCutter(postgres);
            await using var zoetrope = await TestZoetrope.StartAsync(new TestServer
            {
                Postgres = wire.ConnectionString,
            });
            var customer = await zoetrope.Api.CreateCustomerAsync(credits: 0);
            var granted = 0L;
            var (answered, refused) = (0, 0);
            for (var round = 0; round < rounds; round++)
            {
                var cut = (Cut)(round % 3);
                wire.CutNext(cut);
                var began = Stopwatch.GetTimestamp();
                var grant = await zoetrope.Api.OperateAsync(
                    HttpMethod.Post, $"/admin/v1/accounts/{customer.AccountId}/grants", new { mode = "test", amount = 10_000, reason = $"round {round}" });
                Assert.Contains(grant.Status, (int[])[200, 503]);

                // Ten seconds is how long the server looks; on a machine that is busier than that it says that it does not know.
                var took = Stopwatch.GetElapsedTime(began);
                Assert.False(cut == Cut.AfterIt && grant.Status != 200 && took < TimeSpan.FromSeconds(10), $"after {took.TotalSeconds:0.0} s: {grant.Text}");
                granted += grant.Status == 200 || cut == Cut.AfterIt ? 1 : 0;
                Assert.Equal(granted, await AskAsync(postgres, "select count(*) from ledger_transfers where kind = 'grant' and account_id = '" + customer.AccountId + "'"));

                wire.CutNext(cut);
                var tasks = await AskAsync(postgres, "select count(*) from generations");
                var reply = await zoetrope.Api.GenerateAsync(customer, new { model = "flux-2-pro-text-to-image", input = new { prompt = $"[[refused]] {round}" } });
                if (granted == 0)
                {
                    continue;
                }

                Assert.Contains(reply.Status, (int[])[200, 503]);
                (answered, refused) = reply.Status == 200 ? (answered + 1, refused) : (answered, refused + 1);
                Assert.Equal(tasks + (reply.Status == 200 ? 1 : 0), await AskAsync(postgres, "select count(*) from generations"));
            }

            Assert.True(answered > 0 && wire.Cuts >= rounds, $"{answered} answered, {refused} refused, {wire.Cuts} cuts");
            await zoetrope.Api.AssertLedgerIsCleanAsync();
        }
        finally
        {
            await TestPostgres.DropAsync(postgres);
        }
    }

    private static async Task<long> AskAsync(string postgres, string sql)
    {
        await using var connection = new NpgsqlConnection(postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
