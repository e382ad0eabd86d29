using System.Globalization;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>One page of a listing: how many, and after which id. The cursor is the last id of the page before.</summary>
internal sealed record Paging(int Limit, string? After)
{
    public const int MaxLimit = 100;

    private const int DefaultLimit = 20;

    /// <summary>Reads <c>limit</c> and <c>cursor</c> of a query string.</summary>
    public static Outcome<Paging> Read(string? limit, string? cursor, string idPrefix)
    {
        var count = DefaultLimit;
        if (limit is not null
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MaxLimit))
        {
            return Problems.InvalidParameter.With($"limit must be a whole number from 1 to {MaxLimit}.", "limit", limit, $"1..{MaxLimit}");
        }

        return cursor is null || Ids.IsValid(idPrefix, cursor)
            ? new Paging(count, cursor)
            : Problems.InvalidCursor.With(
                "The cursor was not issued by this endpoint. Use nextCursor of the previous page.", "cursor", cursor);
    }

    /// <summary>The cursor of the next page, when one row more than the limit was found.</summary>
    public string? NextCursor<T>(IReadOnlyList<T> rows, Func<T, string> id) => rows.Count > Limit ? id(rows[Limit - 1]) : null;
}

/// <summary>A time in a query string.</summary>
internal static class QueryTime
{
    public static Outcome<DateTimeOffset?> Read(string name, string? text)
    {
        if (text is null)
        {
            return (DateTimeOffset?)null;
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && time >= DateTimeOffset.UnixEpoch
            ? time
            : Problems.InvalidParameter.With($"{name} must be an ISO 8601 time, such as 2030-01-31T12:00:00Z.", name, text);
    }

    /// <summary>A day or a time of ours.</summary>
    /// <param name="name">The parameter's.</param>
    /// <param name="text">What it says.</param>
    /// <param name="given">What a refusal repeats of it.</param>
    public static Outcome<DateTimeOffset> ReadDay(string name, string text, string given) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
        && time.Year is > 1970 and < 3000
        ? time
        : Problems.InvalidParameter.With(
            $"{name} must be a day or a time, such as 2026-11-01 or 2026-11-01T12:00:00Z.", name, given, "ISO 8601");
}
