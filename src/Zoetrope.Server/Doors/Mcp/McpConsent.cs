using System.Globalization;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Admission.Gates;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A key may require that a person agrees before more than some credits are spent. If the client can put a question to its
/// user, the call is answered with the question and comes back with the answer, or, with an older client, asks while it is open.
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
            return given.Deserialize(InputResponse.ElicitResultJsonTypeInfo) switch
            {
                { IsAccepted: true } => true,
                { Action: "decline" } => Declined(credits),
                _ => Unanswered(credits),
            };
        }

        if (!call.CanAsk)
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

    private static Problem Declined(long credits) => Problems.ConfirmationRequired.With(
        $"The user does not want to spend {credits} credits on this request. Nothing was started. Ask them what to change.");

    private static Problem Unanswered(long credits) => Problems.ConfirmationRequired.With(
        $"The user was asked whether to spend {credits} credits on this request and did not answer. Nothing was started. "
        + "Call the tool again to ask them again.");

    private static Problem Unasked(Caller caller, long credits) => Problems.ConfirmationRequired.With(
        $"This request costs {credits} credits, and the {Credential(caller)} needs a confirmation above {caller.Limits.AskAbove}, but "
        + "this client did not say that it can ask its user (elicitation). Nothing was started. "
        + (caller.Granter is null
            ? $"Where the client's configuration has headers, the user can add {Consent.Header}: {credits} there. "
                + "They can also use a client with elicitation or a key with a higher limit."
            : Consent.RaiseIt(caller, credits)));

    private static string Credential(Caller caller) => caller.Granter is null ? "key" : "access";
}
