using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Zoetrope.Server.Doors.Shared;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>The other step that OpenIddict leaves to us: tokens for what was decided. It has checked the code or refresh token.</summary>
internal sealed class TokenEndpoint(Grants grants, OAuthAddress address)
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public async Task ExchangeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var result = await context.AuthenticateAsync(Scheme);
        if (result.Principal is not { } principal || principal.GetClaim(Claims.Subject) is not { } grant)
        {
            await OAuthRefusal.WriteAsync(context, Errors.InvalidGrant, "The code or refresh token is not valid.");
            return;
        }

        var granted = principal.GetResources();
        var asked = request.GetResources();
        bool Covers(string asks) => granted.Any(one => address.PathOf(context.Request, one) == address.PathOf(context.Request, asks));
        var whole = granted.Any(resource => address.PathOf(context.Request, resource) == "");
        if (address.FindForeign(context.Request, asked) is { } resource
            || (!whole && (resource = asked.FirstOrDefault(item => !Covers(item))) is not null))
        {
            await OAuthRefusal.WriteAsync(context, OAuthRefusal.InvalidTarget, $"The resource {resource} was not allowed.");
            return;
        }

        if (asked.Length > 0)
        {
            principal.SetResources(asked);
        }

        if (!await grants.KeepAsync(grant))
        {
            await OAuthRefusal.WriteAsync(context, Errors.InvalidGrant, "The access, or the API key that granted it, was revoked.");
            return;
        }

        await context.SignInAsync(Scheme, principal);
    }
}
