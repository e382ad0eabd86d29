using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Primitives;
using OpenIddict.Abstractions;
using OpenIddict.Validation.AspNetCore;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>From an access token to a <see cref="Caller"/>: OpenIddict checks the token, the authenticator the grant behind it.</summary>
internal sealed class GrantTokens(Authenticator authenticator, OAuthAddress address) : ICallerSource
{
    private const string Prefix = "Bearer eyJ";

    /// <summary>A JSON object in base 64 begins so, and no API key does.</summary>
    public static bool IsToken(StringValues authorization) =>
        authorization.Count == 1 && authorization[0] is { } header && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    public bool Knows(HttpRequest request) => IsToken(request.Headers.Authorization);

    public async ValueTask<Outcome<Caller>> AuthenticateAsync(HttpContext context, Scopes needed)
    {
        var outcome = await authenticator.AuthenticateGrantAsync(
            context.Request.Headers.Authorization[0]!, context.Connection.RemoteIpAddress, () => ReadAsync(context), needed);
        return outcome.Problem is null && outcome.Value.OnlyAt is { } path && !OAuthAddress.Covers(path, context.Request.Path)
            ? Problems.InvalidApiKey.With(
                $"This access token was issued for {address.Of(context.Request)}{path} and is not accepted here. Request one "
                + "without a resource.")
            : outcome;
    }

    private async Task<AccessToken?> ReadAsync(HttpContext context)
    {
        var result = await context.AuthenticateAsync(OpenIddictValidationAspNetCoreDefaults.AuthenticationScheme);
        if (result.Principal is not { } principal
            || principal.GetClaim(OpenIddictConstants.Claims.Subject) is not { } grant
            || principal.GetExpirationDate() is not { } expires)
        {
            return null;
        }

        var paths = principal.GetAudiences().Select(audience => address.PathOf(context.Request, audience)).OfType<string>().ToList();
        return paths.Count == 0 ? null : new AccessToken(grant, expires, paths.Contains("") ? null : paths[0]);
    }
}
