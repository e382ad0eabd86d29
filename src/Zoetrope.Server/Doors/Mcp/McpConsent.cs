using System.Globalization;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Catalog;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// A key may ask that a person agrees before more than some credits are spent. Where the client can put a question to its
/// user, the call is answered with the question and comes back with the answer; nothing is held in between, on any node.
/// Everywhere else the call is refused by name, and the amount with it.
/// </summary>
internal sealed class McpConsent
{
    private const string Question = "confirm";

    /// <summary>Null where the call may go on; a problem where the user or their client says no.</summary>
    /// <exception cref="InputRequiredException">The client is to ask its user.</exception>
    public Problem? Of(McpCall call, PricedRequest priced, byte[] fingerprint)
    {
        if (AskAbove(call.Caller) is not { } limit || priced.Credits <= limit)
        {
            return null;
        }

        // The answer counts for this request at this price only. A client could lie, but it could also answer for its user.
        var about = string.Create(CultureInfo.InvariantCulture, $"{priced.Credits}:{Convert.ToHexStringLower(fingerprint)}");
        if (call.Request.Params.InputResponses?.TryGetValue(Question, out var given) is true && call.Request.Params.RequestState == about)
        {
            return given.Deserialize(InputResponse.ElicitResultJsonTypeInfo) is { IsAccepted: true } ? null : Declined(priced.Credits);
        }

        if (!CanAsk(call))
        {
            return Unasked(priced.Credits, limit);
        }

        throw new InputRequiredException(
            new Dictionary<string, InputRequest>
            {
                [Question] = InputRequest.ForElicitation(new ElicitRequestParams
                {
                    Message = $"{priced.Request.Model.Name} will cost {priced.Credits} credits; this key asks above {limit}. Spend them?",
                    RequestedSchema = new ElicitRequestParams.RequestSchema(),
                }),
            },
            about);
    }
}
