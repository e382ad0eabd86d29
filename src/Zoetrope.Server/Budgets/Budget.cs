namespace Zoetrope.Server.Budgets;

/// <summary>The credits that some tasks of an account may cost in a period: a row of <c>budgets</c>. Times are Unix milliseconds.</summary>
internal sealed record Budget
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required KeyMode Mode { get; init; }

    public required string Name { get; init; }

    /// <summary>Which tasks: a word of <see cref="BudgetScopes"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>Whose or with what: a key, a person, a user, <c>name:value</c> of a tag, a model; empty for the account.</summary>
    public required string Subject { get; init; }

    /// <summary>A word of <see cref="BudgetPeriods"/>.</summary>
    public required string Period { get; init; }

    /// <summary>Credits a period.</summary>
    public required long Limit { get; init; }

    /// <summary>What holds instead until <see cref="RaisedUntil"/>.</summary>
    public long? RaisedTo { get; init; }

    public long? RaisedUntil { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>What the audit log keeps of it.</summary>
    public object Facts => new
    {
        name = Name,
        mode = Mode.Word(),
        scope = Scope,
        subject = Subject,
        period = Period,
        limit = Limit,
        raisedTo = RaisedTo,
        raisedUntil = WireTime.Text(RaisedUntil),
    };

    public long LimitAt(long now) => RaisedTo is { } raised && now < RaisedUntil ? Math.Max(raised, Limit) : Limit;
}

/// <summary>A budget and what has been counted of it in the period that is now.</summary>
internal sealed class BudgetLine(Budget budget, long startsAt, long held, long used, long warned)
{
    /// <summary>Percents of the limit that are told of, once each in a period.</summary>
    private static readonly long[] Thresholds = [50, 80, 100];

    public Budget Budget => budget;

    /// <summary>The period's beginning; 0 where it has none.</summary>
    public long StartsAt => startsAt;

    /// <summary>Credits of tasks that have not ended.</summary>
    public long Held { get; private set; } = held;

    /// <summary>Credits that tasks were charged, less what was refunded of them.</summary>
    public long Used { get; } = used;

    /// <summary>The highest threshold that was told of.</summary>
    public long Warned { get; private set; } = warned;

    public bool IsChanged { get; private set; }

    public long Left(long now) => budget.LimitAt(now) - Used - Held;

    public long Percent(long now) => (long)((Int128)(Used + Held) * 100 / budget.LimitAt(now));

    public void Hold(long credits)
    {
        Held = checked(Held + credits);
        IsChanged = true;
    }

    /// <summary>The thresholds that were reached since; each is told of once.</summary>
    public IEnumerable<long> Reached(long now)
    {
        var (percent, before) = (Percent(now), Warned);
        foreach (var threshold in Thresholds.Where(threshold => threshold > before && threshold <= percent))
        {
            Warned = threshold;
            yield return threshold;
        }
    }
}

/// <summary>Which tasks a budget is about.</summary>
internal static class BudgetScopes
{
    public const string Account = "account";
    public const string Key = "key";
    public const string Member = "member";
    public const string User = "user";
    public const string Tag = "tag";
    public const string Model = "model";

    public static readonly IReadOnlyList<string> All = [Account, Key, Member, User, Tag, Model];
}

/// <summary>How often a budget begins anew, in UTC; weeks begin on Monday.</summary>
internal static class BudgetPeriods
{
    public const string Day = "day";
    public const string Week = "week";
    public const string Month = "month";
    public const string Total = "total";

    public static readonly IReadOnlyList<string> All = [Day, Week, Month, Total];

    /// <summary>The beginning of the period; 0 for one that never ends.</summary>
    public static long Start(string period, DateTimeOffset now)
    {
        var today = UtcDay.Start(UtcDay.Of(now));
        return period switch
        {
            Day => today.ToUnixTimeMilliseconds(),
            Week => today.AddDays(-(((int)today.DayOfWeek + 6) % 7)).ToUnixTimeMilliseconds(),
            Month => new DateTimeOffset(today.Year, today.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
            _ => 0,
        };
    }

    /// <summary>The end of the period that began then; null for one that never ends.</summary>
    public static DateTimeOffset? End(string period, long startsAt)
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds(startsAt);
        return period switch
        {
            Day => start.AddDays(1),
            Week => start.AddDays(7),
            Month => start.AddMonths(1),
            _ => null,
        };
    }
}
