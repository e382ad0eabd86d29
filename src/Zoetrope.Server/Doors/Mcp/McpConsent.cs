using System.Globalization;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A key may require that a person agrees before more than some credits are spent. If the client can put a question to its
/// user, the call is answered with the question and comes back with the answer; nothing is kept in between, on any node.
/// Everywhere else the call is refused, with the amount. There is no argument for consent: the model would give it.
/// </summary>
internal static class McpConsent
{
    private const string Question = "confirm";

    /// <summary>Whether the price is accepted; a problem if the user or their client says no.</summary>
    /// <param name="call">The tool's call.</param>
    /// <param name="model">The name of what it would run.</param>
    /// <param name="credits">What it would cost.</param>
    /// <param name="fingerprint">Of the request, so that the answer to one question is none to another.</param>
    /// <exception cref="InputRequiredException">The client is to ask its user.</exception>
    public static Outcome<bool> Of(McpCall call, string model, long credits, byte[] fingerprint)
    {
        if (!Consent.IsNeeded(call.Caller, credits))
        {
            return false;
        }

        // The header is in the client's configuration, which is its user's.
        if (PaidHeaders.Accepted(call.Http.Request).Failed(out var problem, out var accepted))
        {
            return problem;
        }

        if (accepted >= credits)
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
            return Unasked(credits, limit);
        }

        throw new InputRequiredException(
            new Dictionary<string, InputRequest>
            {
                [Question] = InputRequest.ForElicitation(new ElicitRequestParams
                {
                    Message = $"{model} will cost {credits} credits, and this key needs your confirmation above {limit}. Spend them?",
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

    private static Problem Unasked(long credits, long? limit) => Problems.ConfirmationRequired.With(
        $"This request costs {credits} credits, and the key needs a confirmation above {limit}, but this client cannot ask its user. "
        + $"The user can add the header {Consent.Header}: {credits} to the client's configuration, or use a client with "
        + "elicitation or a key with a higher limit.");
}
