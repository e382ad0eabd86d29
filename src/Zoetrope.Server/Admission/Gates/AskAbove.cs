using System.Globalization;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>A key's threshold above which a request must be confirmed: who holds the key for somebody else asks them first.</summary>
internal static class AskAbove
{
    /// <summary>"I accept up to so many credits": every HTTP door reads it, so it is no field of any dialect.</summary>
    public const string Header = "Zoetrope-Confirm-Credits";

    /// <summary>The credits that the caller accepts; null where the header was not sent.</summary>
    public static Outcome<long?> Read(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return (long?)null;
        }

        return values.Count == 1 && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var credits)
            ? credits
            : Problems.InvalidParameter.With(
                $"The {Header} header must be given once, with the credits that you accept.", Header, values.ToString(), "a whole number of credits");
    }

    /// <summary>The refusal that says what the request costs and how to confirm it.</summary>
    public static Problem? Check(long? threshold, long cost, bool confirmed) => threshold is not { } above || cost <= above || confirmed
        ? null
        : Problems.ConfirmationRequired.With(
            $"This request costs {cost} credits and the key asks above {above}. To confirm, send it again with the header {Header}: {cost}",
            field: Header,
            allowed: $"{Header}: {cost}, or more");
}
