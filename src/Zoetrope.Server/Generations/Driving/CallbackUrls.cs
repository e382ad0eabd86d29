using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// The URLs that providers call back: <c>/hooks/{provider}/{attempt}.{secret}</c>, a new secret for every attempt. Only
/// the provider got it from us, in the submit; all it allows is to make us look again.
/// </summary>
internal sealed class CallbackUrls(PublicAddress address)
{
    private const int SecretBytes = 18;

    /// <summary>The URL for a new attempt; null if the vendor does not call back or could not reach us.</summary>
    public CallbackUrl? New(IProviderAdapter adapter, string attemptId)
    {
        if (address.Url is null || adapter is not ICallbackReader)
        {
            return null;
        }

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));
        return new CallbackUrl(UrlOf(adapter.Profile.Name, attemptId, token)!, token);
    }

    public Uri? UrlOf(string provider, string attemptId, string token) =>
        address.Url is null ? null : new Uri(address.Url, $"/hooks/{provider}/{attemptId}.{token}");

    /// <summary>The attempt that a URL's token names, and its secret; null if it is not one of our tokens.</summary>
    public static (string AttemptId, string Secret)? Read(string token)
    {
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && token.Length == dot + 1 + (SecretBytes * 2) ? (token[..dot], token[(dot + 1)..]) : null;
    }

    public static bool Matches(Attempt attempt, string provider, string secret) =>
        attempt.CallbackToken is { } token && attempt.Provider == provider
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(token), Encoding.ASCII.GetBytes(secret));
}

internal sealed record CallbackUrl(Uri Url, string Token);
