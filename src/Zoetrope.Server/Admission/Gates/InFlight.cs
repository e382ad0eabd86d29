using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>The unfinished tasks of a key and of the programs that it gave access to.</summary>
internal static class InFlight
{
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        var count = submit.Count;
        if (submit.Caller.Limits.InFlight is not { } limit || books.Key.InFlight + count <= limit)
        {
            return null;
        }

        if (count > limit)
        {
            // Waiting would not help: so many never fit.
            return Problems.InvalidParameter.With(
                $"This call has {count} requests; this key may have {limit} unfinished tasks. Send fewer.",
                submit.CountField,
                $"{count}",
                $"at most {limit}");
        }

        var more = count == 1 ? "" : $", so {count} more do not fit";
        var whose = submit.Caller.Granter is null ? "This key has" : "The API key that granted this access, with all its programs, has";
        return Problems.TooManyInFlight.With(
            $"{whose} {books.Key.InFlight} unfinished tasks and its limit is {limit}{more}. Wait for some to end, or cancel some.",
            allowed: $"at most {limit} unfinished tasks") with
        { RetryAfter = TimeSpan.FromSeconds(1) };
    }
}
