namespace Zoetrope.Server.Usage;

/// <summary>What some tasks used.</summary>
internal sealed record UsageSum
{
    public static readonly UsageSum None = new();

    /// <summary>Tasks that ended.</summary>
    public long Tasks { get; init; }

    /// <summary>Credits that were charged.</summary>
    public long Charged { get; init; }

    /// <summary>Credits that were given back afterwards, in the hour of the refund.</summary>
    public long Refunded { get; init; }

    /// <summary>Length of the results.</summary>
    public long MediaMs { get; init; }

    /// <summary>Size of the results.</summary>
    public long Bytes { get; init; }

    /// <summary>What vendors charge for them, as far as it is known, in millionths of a US dollar.</summary>
    public long CostMicros { get; init; }

    public UsageSum Plus(UsageSum other) => new()
    {
        Tasks = Tasks + other.Tasks,
        Charged = checked(Charged + other.Charged),
        Refunded = checked(Refunded + other.Refunded),
        MediaMs = MediaMs + other.MediaMs,
        Bytes = Bytes + other.Bytes,
        CostMicros = checked(CostMicros + other.CostMicros),
    };
}

/// <summary>What a row of <c>usage_hours</c> is about.</summary>
internal readonly record struct UsageKey(
    long Mode, long Hour, string Model, string Provider, string KeyId, string PersonId, string EndUser, string Outcome)
{
    public static UsageKey Of(UsageFact fact) => new(
        fact.Mode,
        fact.Hour,
        fact.Model ?? "",
        fact.Provider ?? "",
        fact.KeyId ?? "",
        fact.PersonId ?? "",
        fact.EndUser ?? "",
        fact.Outcome);
}

/// <summary>What a row of <c>usage_tag_hours</c> is about.</summary>
internal readonly record struct UsageTagKey(long Mode, string Name, long Hour, string Value, string Model, string Outcome);

/// <summary>What facts of one account add up to.</summary>
internal sealed class UsageSums
{
    public Dictionary<UsageKey, UsageSum> Rows { get; } = [];

    public Dictionary<UsageTagKey, UsageSum> Tags { get; } = [];

    /// <summary>The rows by day: the hour of a key is then its day.</summary>
    public Dictionary<UsageKey, UsageSum> Days()
    {
        var days = new Dictionary<UsageKey, UsageSum>();
        foreach (var (key, sum) in Rows)
        {
            Add(days, key with { Hour = key.Hour / UsageHours.OfDay }, sum);
        }

        return days;
    }

    public void Add(UsageFact fact)
    {
        var sum = fact.Sum();
        Add(Rows, UsageKey.Of(fact), sum);
        foreach (var tag in fact.ReadTags())
        {
            Add(Tags, new UsageTagKey(fact.Mode, tag.Name, fact.Hour, tag.Value, fact.Model ?? "", fact.Outcome), sum);
        }
    }

    private static void Add<TKey>(Dictionary<TKey, UsageSum> rows, TKey key, UsageSum sum)
        where TKey : notnull => rows[key] = rows.GetValueOrDefault(key, UsageSum.None).Plus(sum);
}
