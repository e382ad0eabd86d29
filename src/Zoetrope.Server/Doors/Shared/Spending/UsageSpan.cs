using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Zoetrope.Server.Usage;

namespace Zoetrope.Server.Doors.Shared.Spending;

/// <summary>The part of a request for usage that every door reads alike.</summary>
internal static class UsageSpan
{
    public const int MaxLimit = 1_000;
    public const string Times = "A day or a time, such as 2026-11-01 or 2026-11-01T12:00:00Z; rounded to whole hours.";

    private const int MaxDays = 400;
    private const int UsualDays = 30;

    /// <summary>The hours from <c>from</c> to <c>to</c>: the last 30 days if nothing is said.</summary>
    public static Outcome<(long From, long To)> Read(IQueryCollection query, TimeProvider time)
    {
        var now = time.GetUtcNow();
        if (Instant(query, "to", now).Failed(out var problem, out var to)
            || Instant(query, "from", to.AddDays(-UsualDays)).Failed(out problem, out var from))
        {
            return problem;
        }

        var (first, end) = (UsageHours.Of(from), UsageHours.Of(to.AddMilliseconds(UsageHours.Milliseconds - 1)));
        return first >= end
            ? Problems.InvalidParameter.With("from must be before to.", "from", query["from"])
            : end - first > MaxDays * 24L
                ? Problems.InvalidParameter.With(
                    $"From from to to it is more than {MaxDays} days.", "from", query["from"], $"at most {MaxDays} days")
                : (first, end);
    }

    public static Outcome<int> Limit(IQueryCollection query, int usual) =>
        query["limit"].ToString() is not { Length: > 0 } text
            ? usual
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is > 0 and <= MaxLimit
                ? limit
                : Problems.InvalidParameter.With(
                    $"limit must be a whole number from 1 to {MaxLimit}.", "limit", ShortText.Of(text), $"1..{MaxLimit}");

    /// <summary>The group after which a page begins, as <see cref="Cursor"/> wrote it.</summary>
    public static Outcome<string[]?> After(IQueryCollection query, int keys)
    {
        if (query["cursor"].ToString() is not { Length: > 0 } text)
        {
            return (string[]?)null;
        }

        try
        {
            if (JsonSerializer.Deserialize<string[]>(WebEncoders.Base64UrlDecode(text), WireJson.Options) is { } names
                && names.Length == keys && !names.Contains(null))
            {
                return names;
            }
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
        }

        return Problems.InvalidCursor.With(
            "The cursor was not issued by this endpoint. Use nextCursor of the previous page.", "cursor", ShortText.Of(text));
    }

    public static string Cursor(UsageGroup last) =>
        WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(last.Keys, WireJson.Options));

    private static Outcome<DateTimeOffset> Instant(IQueryCollection query, string name, DateTimeOffset otherwise) =>
        query[name].ToString() is { Length: > 0 } text ? QueryTime.ReadDay(name, text, ShortText.Of(text)) : otherwise;
}
