using Zoetrope.Client;

namespace Zoetrope.Studio.Texts;

/// <summary>What a person reads of a code: what was wrong, what helps, and what it cost.</summary>
/// <param name="Words">What was wrong.</param>
/// <param name="Action">What helps.</param>
/// <param name="Money">What it cost, which is nothing.</param>
internal sealed record Failure(string Words, string Action, string Money)
{
    public override string ToString() => $"{Words} {Action}";
}

/// <summary>What a person reads when something is refused or fails: our words for the code, or the server's where we have none.</summary>
internal static class Failures
{
    private static readonly string[] OfTasks =
    [
        "GENERATION_FAILED", "CONTENT_REFUSED", "INPUT_REFUSED", "PROVIDER_UNAVAILABLE", "OUTCOME_UNKNOWN", "TIMED_OUT", "BAD_OUTPUT", "CANCELLED",
    ];

    /// <summary>Our words for a code of docs/errors.md; null for one that is newer than this page.</summary>
    /// <param name="code">The code.</param>
    /// <param name="message">The server's own words, for the codes whose words name them.</param>
    public static Failure? Of(string code, string message) =>
        Texts.Words.Find("failures." + code) is { } words && Texts.Words.Find("failures.do." + code) is { } action
            ? new Failure(Texts.Words.T("failures." + code, message), action, Texts.Words.T(OfTasks.Contains(code) ? "failures.money.back" : "failures.money.none"))
            : null;

    /// <summary>Of a call that could not have cost anything.</summary>
    public static string Words(Exception fault) => fault switch
    {
        ZoetropeRefusedException refused => Of(refused.Code, refused.Error.Message)?.ToString() ?? refused.Error.Message,
        ZoetropeConnectionException => Texts.Words.T("failures.offline"),
        _ => Texts.Words.T("failures.broken"),
    };

    /// <summary>Of a call that would have cost credits: with a sentence about them.</summary>
    public static string PaidWords(Exception fault) => fault is ZoetropeRefusedException refused && Of(refused.Code, refused.Error.Message) is { } known
        ? $"{known} {known.Money}"
        : Words(fault);
}
