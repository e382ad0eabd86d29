using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>What of usage is asked for.</summary>
internal sealed record UsageQuery
{
    /// <summary>Null for all accounts, which only the operator may ask for.</summary>
    public string? AccountId { get; init; }

    public required KeyMode Mode { get; init; }

    /// <summary>The first hour, and the one after the last.</summary>
    public required long From { get; init; }

    public required long To { get; init; }

    /// <summary>By what it is grouped: words of <see cref="UsageReads.Dimensions"/>.</summary>
    public required IReadOnlyList<string> By { get; init; }

    /// <summary>The tag whose values are a dimension; then only tasks that have it are in the groups.</summary>
    public string? Tag { get; init; }

    /// <summary>The last group of the page before.</summary>
    public IReadOnlyList<string>? After { get; init; }

    public required int Limit { get; init; }
}

/// <summary>A group of tasks: its names, one for each dimension, and what they used.</summary>
internal sealed record UsageGroup(IReadOnlyList<string> Keys, UsageSum Sum, long Succeeded, long Cancelled)
{
    public long Failed => Sum.Tasks - Succeeded - Cancelled;
}

/// <summary>Usage as it is read: grouped, in the order of the groups' names, page by page.</summary>
internal sealed class UsageReads(Database database)
{
    public const string TagWord = "tag";

    /// <summary>A word and its column. Days and hours are numbers of the same length until long after this code.</summary>
    public static readonly IReadOnlyDictionary<string, string> Dimensions = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["model"] = "model",
        ["provider"] = "provider",
        ["key"] = "key_id",
        ["member"] = "person_id",
        ["user"] = "end_user",
        ["outcome"] = "outcome",
        ["account"] = "account_id",
        ["day"] = "cast(hour / 24 as text)",
        ["hour"] = "cast(hour as text)",
        [TagWord] = "value",
    };

    /// <summary>Those that the rows of tags have.</summary>
    public static readonly IReadOnlySet<string> BesideTag =
        new HashSet<string>(["model", "outcome", "day", "hour", "account", TagWord], StringComparer.Ordinal);

    private const string Sums =
        """
        cast(coalesce(sum(tasks), 0) as bigint) as tasks, cast(coalesce(sum(charged), 0) as bigint) as charged,
            cast(coalesce(sum(refunded), 0) as bigint) as refunded, cast(coalesce(sum(media_ms), 0) as bigint) as media_ms,
            cast(coalesce(sum(bytes), 0) as bigint) as bytes, cast(coalesce(sum(cost_micros), 0) as bigint) as cost_micros,
            cast(coalesce(sum(case when outcome = '' then tasks end), 0) as bigint) as succeeded,
            cast(coalesce(sum(case when outcome = 'CANCELLED' then tasks end), 0) as bigint) as cancelled
        """;

    /// <summary>A page of groups, and whether there are more.</summary>
    public ValueTask<(List<UsageGroup> Page, bool HasMore)> GroupsAsync(UsageQuery query) => database.ReadAsync(async session =>
    {
        var columns = query.By.Select(by => Column(query, by)).ToList();
        var places = string.Join(", ", Enumerable.Range(1, columns.Count));
        var after = query.After is null
            ? ""
            : $"having ({string.Join(", ", columns)}) > ({string.Join(", ", columns.Select((_, index) => $"@after{index}"))})";
        var sql = $"select {string.Join(", ", columns)}, {Sums} {From(query)} group by {places} {after} order by {places} limit @take";
        var arguments = Arguments(query);
        for (var i = 0; i < query.After?.Count; i++)
        {
            arguments[$"after{i}"] = query.After[i];
        }

        arguments["take"] = (long)query.Limit + 1;
        var rows = await session.RowsAsync(sql, arguments, row => Read(new ReaderRow(row), columns.Count));
        var more = rows.Count > query.Limit;
        return (more ? rows[..query.Limit] : rows, more);
    });

    /// <summary>All groups together, those without the tag included.</summary>
    public ValueTask<UsageGroup> TotalAsync(UsageQuery query) => database.ReadAsync(async session =>
    {
        var whole = query with { Tag = null };
        return (await session.RowsAsync($"select {Sums} {From(whole)}", Arguments(whole), static row => Read(new ReaderRow(row), 0)))[0];
    });

    // Whole days are read by the day, and only what is left at both ends by the hour.
    private static string From(UsageQuery query)
    {
        var whose = $"{(query.AccountId is null ? "" : "account_id = @account and ")}mode = @mode";
        if (query.Tag is not null)
        {
            return $"from usage_tag_hours where {whose} and name = @name and hour >= @from and hour < @to";
        }

        return query.By.Contains("hour") || FirstDay(query) >= EndDay(query)
            ? $"from usage_hours where {whose} and hour >= @from and hour < @to"
            : $"""
            from (
                select {Rows("day")} from usage_days where {whose} and day >= @firstDay and day < @endDay
                union all
                select {Rows($"hour / {UsageHours.OfDay}")} from usage_hours where {whose} and hour >= @from and hour < @firstDayHour
                union all
                select {Rows($"hour / {UsageHours.OfDay}")} from usage_hours where {whose} and hour >= @endDayHour and hour < @to
            ) days
            """;
    }

    private static string Rows(string day) =>
        $"account_id, {day} as day, model, provider, key_id, person_id, end_user, outcome, "
        + "tasks, charged, refunded, media_ms, bytes, cost_micros";

    private static long FirstDay(UsageQuery query) => (query.From + UsageHours.OfDay - 1) / UsageHours.OfDay;

    private static long EndDay(UsageQuery query) => query.To / UsageHours.OfDay;

    private static string Column(UsageQuery query, string by) =>
        by == "day" && From(query).Contains("usage_days", StringComparison.Ordinal) ? "cast(day as text)" : Dimensions[by];

    private static Dictionary<string, object?> Arguments(UsageQuery query) => new(StringComparer.Ordinal)
    {
        ["account"] = query.AccountId,
        ["mode"] = (long)query.Mode,
        ["from"] = query.From,
        ["to"] = query.To,
        ["name"] = query.Tag,
        ["firstDay"] = FirstDay(query),
        ["endDay"] = EndDay(query),
        ["firstDayHour"] = FirstDay(query) * UsageHours.OfDay,
        ["endDayHour"] = EndDay(query) * UsageHours.OfDay,
    };

    private static UsageGroup Read(ReaderRow row, int keys)
    {
        var sum = new UsageSum
        {
            Tasks = row.Int64(keys),
            Charged = row.Int64(keys + 1),
            Refunded = row.Int64(keys + 2),
            MediaMs = row.Int64(keys + 3),
            Bytes = row.Int64(keys + 4),
            CostMicros = row.Int64(keys + 5),
        };
        return new UsageGroup([.. Enumerable.Range(0, keys).Select(row.Text)], sum, row.Int64(keys + 6), row.Int64(keys + 7));
    }
}
