using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>The table <c>run_times</c>.</summary>
internal static class RunTimeStore
{
    /// <summary>A variant with more runs than this is halved: what is old weighs less and less.</summary>
    public const long MostRuns = 512;

    private const string AddSql =
        """
        insert into run_times (model, variant, class, runs) values (@model, @variant, @class, @runs)
        on conflict (model, variant, class) do update set runs = run_times.runs + excluded.runs
        """;

    private const string TotalSql = "select cast(sum(runs) as bigint) from run_times where model = @model and variant = @variant";
    private const string HalveSql = "update run_times set runs = runs / 2 where model = @model and variant = @variant";
    private const string ForgetSql = "delete from run_times where model = @model and variant = @variant and runs = 0";

    public static async ValueTask<List<RunTimeRow>> AllAsync(Session session) =>
        await session.QueryAsync<RunTimeRow>("select model, variant, class, runs from run_times order by model, variant, class");

    public static async Task AddAsync(Tx tx, IReadOnlyCollection<RunTimeRow> rows)
    {
        // In one order everywhere, so that two nodes cannot wait for each other.
        foreach (var row in rows.OrderBy(row => (row.Model, row.Variant, row.Class)))
        {
            await tx.ExecuteAsync(AddSql, new { model = row.Model, variant = row.Variant, @class = row.Class, runs = row.Runs });
        }

        foreach (var (model, variant) in rows.Select(row => (row.Model, row.Variant)).Distinct().Order())
        {
            if (await tx.ScalarAsync<long>(TotalSql, new { model, variant }) > MostRuns)
            {
                await tx.ExecuteAsync(HalveSql, new { model, variant });
                await tx.ExecuteAsync(ForgetSql, new { model, variant });
            }
        }
    }
}

/// <summary>How many runs of a kind fell into one class of duration.</summary>
internal sealed record RunTimeRow(string Model, string Variant, long Class, long Runs);
