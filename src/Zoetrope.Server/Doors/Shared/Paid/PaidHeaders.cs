using System.Globalization;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Gates;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>The headers of paid calls, which are no field of any dialect.</summary>
internal static class PaidHeaders
{
    public const string Replayed = "Idempotent-Replayed";

    /// <summary>The idempotency key; null if none was sent.</summary>
    public static Outcome<string?> Key(HttpRequest request)
    {
        var values = request.Headers[IdempotencyKeys.Header];
        if (values.Count == 0)
        {
            return (string?)null;
        }

        var key = values.Count == 1 ? HeaderText.Of(values[0]!) : "";
        return key.Length is > 0 and <= IdempotencyKeys.MaxLength
            ? key
            : Problems.InvalidIdempotencyKey.With(
                $"The {IdempotencyKeys.Header} header must be sent once, with 1 to {IdempotencyKeys.MaxLength} characters.",
                field: IdempotencyKeys.Header,
                given: values.Count == 1 ? $"{key.Length} characters" : $"{values.Count} headers",
                allowed: $"1 to {IdempotencyKeys.MaxLength} characters, for example a UUID");
    }

    /// <summary>The credits that the caller accepts at most; null if the header was not sent.</summary>
    public static Outcome<long?> Accepted(HttpRequest request)
    {
        var values = request.Headers[Consent.Header];
        if (values.Count == 0)
        {
            return (long?)null;
        }

        return values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var credits)
            ? credits
            : Problems.InvalidParameter.With(
                $"The {Consent.Header} header must be sent once, with the number of credits you accept.",
                Consent.Header,
                values.ToString(),
                "a whole number of credits");
    }
}
