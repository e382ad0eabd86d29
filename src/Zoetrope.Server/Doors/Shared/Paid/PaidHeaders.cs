using System.Globalization;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Admission.Requests;
using Counted = Zoetrope.Server.Admission.Requests.Attribution;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>The headers of paid calls, which are no field of any dialect.</summary>
internal static class PaidHeaders
{
    public const string Replayed = "Idempotent-Replayed";

    public const string Tags = "X-Zoetrope-Tags";

    public const string User = "X-Zoetrope-User";

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

    /// <summary>What the request is counted for, as far as its body does not say: <c>team=red,job=7</c> and a user.</summary>
    public static Outcome<Counted> Attribution(HttpRequest request)
    {
        var (given, users) = (request.Headers[Tags], request.Headers[User]);
        if (given.Count == 0 && users.Count == 0)
        {
            return Counted.None;
        }

        var user = users.Count == 0 ? null : HeaderText.Of(users.ToString());
        if (user is not null && (users.Count > 1 || !Counted.IsText(user, Counted.MaxUserLength)))
        {
            return Counted.WrongUser(User, users.Count > 1 ? $"{users.Count} headers" : ShortText.Of(user));
        }

        var tags = new List<Tag>();
        foreach (var pair in HeaderText.Of(given.ToString()).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var tag = equals < 0 ? new Tag(pair, "") : new Tag(pair[..equals].Trim(), Uri.UnescapeDataString(pair[(equals + 1)..].Trim()));
            if (Counted.Check(tag, Tags, ShortText.Of(pair)) is { } problem)
            {
                return problem with { Field = Tags };
            }

            if (tags.Exists(other => other.Name == tag.Name))
            {
                return Problems.InvalidParameter.With(
                    $"The {Tags} header names {tag.Name} twice.", Tags, ShortText.Of(pair), "each name once");
            }

            tags.Add(tag);
        }

        return tags.Count > Counted.MaxTags
            ? Counted.TooMany(Tags, tags.Count)
            : Counted.Of(Counted.Sorted(tags), user);
    }

    /// <summary>Those headers as they belong to what an idempotency key identifies; empty where there are none.</summary>
    public static string Fingerprinted(Counted headers) => headers == Counted.None
        ? ""
        : $"{Tags}: {headers.TagsJson}\n{User}: {headers.User}\n";

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
