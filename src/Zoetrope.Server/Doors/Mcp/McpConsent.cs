using System.Globalization;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Admission.Gates;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A key may require that a person agrees before more than some credits are spent. If the client can put a question to its
/// user, the call is answered with the question and comes back with the answer; nothing is kept in between, on any node.
/// Everywhere else the call is refused, with the amount. There is no argument for consent: the model would give it. The header
/// in a client's configuration is consent only with a key: a program with OAuth access writes its headers itself.
/// </summary>
internal static class McpConsent
{
    private const string Question = "confirm";

    /// <summary>Whether the price is accepted; a problem if the user or their client says no.</summary>
    /// <param name="call">The tool's call.</param>
    /// <param name="model">The name of what it would run.</param>
    /// <param name="credits">What it would cost.</param>
    /// <param name="ceiling">The most that the client's configuration accepts, if it says so.</param>
    /// <param name="fingerprint">Of the request, so that the answer to one question is none to another.</param>
    /// <exception cref="InputRequiredException">The client is to ask its user.</exception>
    public static Outcome<bool> Of(McpCall call, string model, long credits, long? ceiling, byte[] fingerprint)
    {
        if (ceiling < credits)
        {
            return Consent.AboveCeiling(credits, ceiling.Value);
        }

        if (!Consent.IsNeeded(call.Caller, credits))
        {
            return false;
        }

        if (Consent.IsGiven(call.Caller, credits, ceiling))
        {
            return true;
        }

        var limit = call.Caller.Limits.AskAbove;

        // A client could answer for its user, but it could just as well hide the whole call from them.
        var about = string.Create(CultureInfo.InvariantCulture, $"{credits}:{Convert.ToHexStringLower(fingerprint)}");
        if (call.Request.Params.InputResponses?.TryGetValue(Question, out var given) is true && call.Request.Params.RequestState == about)
        {
            return given.Deserialize(InputResponse.ElicitResultJsonTypeInfo) is { IsAccepted: true } ? true : Declined(credits);
        }

        if (!CanAsk(call))
        {
            return Unasked(call.Caller, credits);
        }

        throw new InputRequiredException(
            new Dictionary<string, InputRequest>
            {
                [Question] = InputRequest.ForElicitation(new ElicitRequestParams
                {
                    Message = $"{model} will cost {credits} credits, and this {Credential(call.Caller)} needs your confirmation above "
                        + $"{limit}. Spend them?",
                    RequestedSchema = new ElicitRequestParams.RequestSchema(),
                }),
            },
            about);
    }

    // Questions go back with the answer of the call only since the revision of July 2026; before it they need a session.
    private static bool CanAsk(McpCall call) =>
        call.Request.Server.IsMrtrSupported
            && call.Request.Server.ClientCapabilities?.Elicitation is { } asks
            && (asks.Form is not null || asks.Url is null);

    private static Problem Declined(long credits) => Problems.ConfirmationRequired.With(
        $"The user does not want to spend {credits} credits on this request. Nothing was started. Ask them what to change.");

    private static Problem Unasked(Caller caller, long credits) => Problems.ConfirmationRequired.With(
        $"This request costs {credits} credits, and the {Credential(caller)} needs a confirmation above {caller.Limits.AskAbove}, but "
        + "this client cannot ask its user. "
        + (caller.Granter is null
            ? $"The user can add the header {Consent.Header}: {credits} to the client's configuration, or use a client with "
                + "elicitation or a key with a higher limit."
            : "The user can use a client with elicitation, or allow the program again with a higher figure."));

    private static string Credential(Caller caller) => caller.Granter is null ? "key" : "access";
}
