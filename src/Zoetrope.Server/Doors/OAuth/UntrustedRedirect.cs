using Microsoft.AspNetCore;
using OpenIddict.Server;
using Zoetrope.Server.Doors.OAuth.Consent;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// Anybody may register a program with an address of theirs. Until somebody has allowed it something, a refused request does not
/// lead there: otherwise any link to this server would be a link to anywhere (RFC 9700, 4.11). It shows a page instead. A person
/// who saw the consent page and denied goes back, because they saw where to.
/// </summary>
internal sealed class UntrustedRedirect(OAuthClients clients) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    /// <summary>After the address was found and before anybody is sent there.</summary>
    public static readonly int Order = OpenIddictServerHandlers.Authentication.AttachRedirectUri.Descriptor.Order + 1;

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (context.Error is not { } error || context.Transaction.GetHttpRequest()?.HttpContext is not { } http)
        {
            return;
        }

        // Without an address, or with one that is not the program's, nobody is sent anywhere; a program gets OpenIddict's text.
        var isNowhere = string.IsNullOrEmpty(context.RedirectUri);
        if (isNowhere
            ? !ConsentPage.IsWantedBy(http.Request)
            : error == Errors.AccessDenied || (context.Request?.ClientId is { } id && await clients.FindAsync(id) is { UsedAt: not null }))
        {
            return;
        }

        await ConsentPage.RefuseAsync(
            http,
            error,
            context.Response.ErrorDescription ?? "The program's request is not valid.",
            isNowhere ? "This server cannot tell where to send you back to." : ConsentPage.NobodyAllowedIt);
        context.HandleRequest();
    }
}
