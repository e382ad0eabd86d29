using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>
/// How many tasks an account's test keys may start on a UTC day. They cost no money and their credits come back, so nothing else
/// bounds the rows that they leave. Counted in this process, from what the day's rows say at the first one.
/// </summary>
internal sealed class TestTasks(Database database, int perDay, TimeProvider time)
{
    // The table is clustered by account and id, and ids begin with their time: this reads the day's rows and no others.
    private const string CountSql =
        """
        select count(*) from (
            select 1 from generations where account_id = @account and id >= @first and mode = 0 and created_at >= @since limit @limit
        ) made
        """;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _made = new(StringComparer.Ordinal);
    private long _day;

    /// <summary>Counts these; the refusal if the day has no room for them.</summary>
    public async ValueTask<Problem?> TakeAsync(Caller caller, int count)
    {
        if (perDay == 0 || caller.Mode is not KeyMode.Test)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (Add(caller.AccountId, UtcDay.Of(now), count) is not { } fits)
        {
            var midnight = UtcDay.Start(UtcDay.Of(now));
            var made = await database.ReadAsync(async session => await session.ScalarAsync<long>(CountSql, new
            {
                account = caller.AccountId,
                first = Ids.First(Ids.Generation, midnight),
                since = midnight.ToUnixTimeMilliseconds(),
                limit = (long)perDay,
            }));
            lock (_lock)
            {
                _made.TryAdd(caller.AccountId, made);
            }

            fits = Add(caller.AccountId, UtcDay.Of(now), count) ?? true;
        }

        return fits ? null : Refusal(count, now);
    }

    /// <summary>They were not started after all.</summary>
    public void GiveBack(Caller caller, int count)
    {
        lock (_lock)
        {
            if (_made.TryGetValue(caller.AccountId, out var made))
            {
                _made[caller.AccountId] = Math.Max(0, made - count);
            }
        }
    }

    /// <summary>Null while the account's day is not known yet.</summary>
    private bool? Add(string accountId, long day, int count)
    {
        lock (_lock)
        {
            if (day > _day)
            {
                _day = day;
                _made.Clear();
            }

            if (!_made.TryGetValue(accountId, out var made))
            {
                return null;
            }

            if (made + count > perDay)
            {
                return false;
            }

            _made[accountId] = made + count;
            return true;
        }
    }

    private Problem Refusal(int count, DateTimeOffset now) => Problems.RateLimited.With(
        $"Rate limit exceeded. Limit: {perDay} tasks a day with test keys. Resets at: {DailyQuota.ResetsAtText(now)}",
        given: $"{count}",
        allowed: $"{perDay} a day") with
    { RetryAfter = UtcDay.End(now) - now };
}
