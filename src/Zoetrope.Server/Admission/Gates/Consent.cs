using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>
/// A key's threshold above which a request must be confirmed: a program that holds the key for a person asks that person first.
/// </summary>
internal static class Consent
{
    /// <summary>"I accept up to this many credits." Every HTTP door reads it, so it is not a field of any dialect.</summary>
    public const string Header = "Zoetrope-Confirm-Credits";

    /// <summary>Whether somebody must accept this price.</summary>
    public static bool IsNeeded(Caller caller, long credits) => caller.Limits.AskAbove is { } above && credits > above;

    /// <summary>The refusal that says what the request costs and how to confirm it.</summary>
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now) =>
        submit.Confirmed || !IsNeeded(submit.Caller, submit.Credits)
            ? null
            : Problems.ConfirmationRequired.With(
                $"This request costs {submit.Credits} credits, and the key needs a confirmation above {submit.Caller.Limits.AskAbove}. "
                + $"To confirm, send it again with the header {Header}: {submit.Credits}",
                field: Header,
                allowed: $"{Header}: {submit.Credits}, or more");
}
