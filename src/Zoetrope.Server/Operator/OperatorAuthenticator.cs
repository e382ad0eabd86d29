using System.Net;
using Microsoft.Extensions.Primitives;
using Zoetrope.Server.Accounts;

namespace Zoetrope.Server.Operator;

/// <summary>Admits a caller with the operator's key. Wrong keys count against the IP address, as wrong API keys do.</summary>
internal sealed class OperatorAuthenticator(OperatorKey key, InvalidKeyThrottle throttle)
{
    private static readonly Problem Invalid = Problems.InvalidApiKey.With("Invalid operator key.");

    public Problem? Refusal(StringValues authorization, IPAddress? remote)
    {
        if (Authenticator.Bearer(authorization, out var token) is { } problem)
        {
            return problem;
        }

        return key.Matches(token) ? null : throttle.Count(remote) ?? Invalid;
    }
}
