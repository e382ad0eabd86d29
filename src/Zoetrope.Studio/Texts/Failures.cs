using Zoetrope.Client;

namespace Zoetrope.Studio.Texts;

/// <summary>What a person reads when something is refused or fails: our words for the code, or the server's where we have none.</summary>
internal static class Failures
{
    public static string Words(Exception fault) => fault switch
    {
        ZoetropeRefusedException refused => Texts.Words.Find("failures." + refused.Error.Code) ?? refused.Error.Message,
        ZoetropeConnectionException => Texts.Words.T("failures.offline"),
        _ => Texts.Words.T("failures.broken"),
    };
}
