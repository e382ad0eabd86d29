using Zoetrope.Server.Admission.Commit;

namespace Zoetrope.Server.Admission.Gates;

/// <summary>
/// A key's threshold above which a request must be confirmed: a program that holds the key for a person asks that person first.
/// And a ceiling: whoever sends the header never pays more than it says, whatever the key allows.
/// </summary>
internal static class Consent
{
    /// <summary>"I accept up to this many credits." Every HTTP door reads it, so it is not a field of any dialect.</summary>
    public const string Header = "Zoetrope-Confirm-Credits";

    /// <summary>Whether somebody must accept this price.</summary>
    public static bool IsNeeded(Caller caller, long credits) => caller.Limits.AskAbove is { } above && credits > above;

    /// <summary>Whether a price that was accepted in the header is a confirmation. A program's word for a person is none.</summary>
    public static bool IsGiven(Caller caller, long credits, long? accepted) => caller.Granter is null && accepted >= credits;

    /// <summary>The refusal that says what the request costs and how to confirm it.</summary>
    public static Problem? Check(Submit submit, in CallerBooks books, DateTimeOffset now)
    {
        if (!submit.Confirmed && IsNeeded(submit.Caller, submit.Credits))
        {
            return Unconfirmed(submit.Caller, submit.Credits);
        }

        return submit.Ceiling < submit.Credits ? AboveCeiling(submit.Credits, submit.Ceiling.Value) : null;
    }

    /// <summary>The price is above what the caller said it accepts.</summary>
    public static Problem AboveCeiling(long credits, long ceiling) => Problems.ConfirmationRequired.With(
        $"This request costs {credits} credits, and its header {Header} accepts at most {ceiling}. Nothing was charged. "
        + $"To pay the price, send it again with {Header}: {credits}",
        Header,
        $"{ceiling}",
        $"{credits} or more");

    private static Problem Unconfirmed(Caller caller, long credits) => caller.Granter is null
        ? Problems.ConfirmationRequired.With(
            $"This request costs {credits} credits, and the key needs a confirmation above {caller.Limits.AskAbove}. "
            + $"To confirm, send it again with the header {Header}: {credits}",
            field: Header,
            allowed: $"{Header}: {credits}, or more")
        : Problems.ConfirmationRequired.With(
            $"This request costs {credits} credits, and the person who allowed this program must agree above {caller.Limits.AskAbove}. "
            + $"The program cannot agree for them with a header. {RaiseIt(caller, credits)}",
            allowed: $"at most {caller.Limits.AskAbove} credits");

    /// <summary>What a person can do about the threshold of a program that they allowed; the program itself can do nothing.</summary>
    public static string RaiseIt(Caller program, long credits) =>
        "The person can raise the threshold with the API key that allowed the program: "
        + $"`zoetrope grants change {program.ApiKeyId} --ask-above {credits}`, or PATCH /api/v1/grants/{program.ApiKeyId}. Or they "
        + "allow the program again with a higher figure, or use it with an MCP client that asks its user (elicitation).";
}
