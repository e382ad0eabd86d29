using System.Globalization;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>The SQL of <c>provider_minutes</c>.</summary>
internal static class ProviderMinutes
{
    private const string AddSql =
        """
        insert into provider_minutes (provider, minute, kind, number) values (@Provider, @Minute, @Kind, @Number)
        on conflict (provider, minute, kind) do update set number = provider_minutes.number + excluded.number
        """;

    public static async Task AddAsync(Tx tx, IReadOnlyCollection<ProviderMinute> rows)
    {
        // In one order everywhere, so that two nodes cannot wait for each other.
        foreach (var row in rows.OrderBy(row => row.Provider, StringComparer.Ordinal)
            .ThenBy(row => row.Minute).ThenBy(row => row.Kind, StringComparer.Ordinal))
        {
            await tx.ExecuteAsync(AddSql, row);
        }
    }

    public static async ValueTask<List<ProviderMinute>> ListAsync(Session session, string provider, long from) =>
        await session.QueryAsync<ProviderMinute>(
            """
            select provider, minute, kind, number from provider_minutes
            where provider = @provider and minute >= @from order by minute, kind
            """,
            new { provider, from });

    public static async ValueTask<List<ProviderMinute>> SumAsync(Session session, long from) => await session.QueryAsync<ProviderMinute>(
        """
        select provider, cast(0 as bigint) as minute, kind, cast(sum(number) as bigint) as number
        from provider_minutes where minute >= @from group by provider, kind
        """,
        new { from });
}

/// <summary>A row of <c>provider_minutes</c>.</summary>
internal sealed record ProviderMinute
{
    public string Provider { get; init; } = "";

    public long Minute { get; init; }

    public string Kind { get; init; } = "";

    public long Number { get; init; }
}

/// <summary>What a provider answered in a span of time.</summary>
internal sealed record ProviderCounts(
    long Minute, long Accepted, long Completed, IReadOnlyDictionary<string, long> Failures, TimeSpan? Median)
{
    /// <summary>The kinds of rows: a task was taken, was made in such a class of time, or failed in such a way.</summary>
    public const string Taken = "taken";
    public const string Made = "made:";
    public const string Failed = "failed:";

    public static readonly ProviderCounts None = new(0, 0, 0, new Dictionary<string, long>(), null);

    public static ProviderCounts Of(long minute, IEnumerable<ProviderMinute> rows)
    {
        var (taken, times, failures) = (0L, RunTimeHistory.Empty, new SortedDictionary<string, long>(StringComparer.Ordinal));
        foreach (var row in rows)
        {
            if (row.Kind == Taken)
            {
                taken += row.Number;
            }
            else if (row.Kind.StartsWith(Failed, StringComparison.Ordinal))
            {
                failures[row.Kind[Failed.Length..]] = row.Number;
            }
            else
            {
                times = times.With(long.Parse(row.Kind.AsSpan(Made.Length), CultureInfo.InvariantCulture), row.Number);
            }
        }

        return new ProviderCounts(minute, taken, times.Runs, failures, times.Runs == 0 ? null : times.Middle);
    }
}

/// <summary>Forgets what is past <see cref="ProviderHistory.Span"/>.</summary>
internal sealed class ProviderMinuteRetention(Database database, ProviderHistory history) : IRetention
{
    public string Table => "provider_minutes";

    public TimeSpan Every => TimeSpan.FromMinutes(10);

    public Task<int> DeleteSomeAsync() => database.InTransactionAsync(tx => tx.ExecuteAsync(
        """
        delete from provider_minutes where minute in (
            select distinct minute from provider_minutes where minute < @bound order by minute limit 60)
        """,
        new { bound = history.Now - (long)ProviderHistory.Span.TotalMinutes }));
}
