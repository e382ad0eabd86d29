using Microsoft.AspNetCore;
using OpenIddict.Server;
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
        if (context.Error is not { } error
            || error == Errors.AccessDenied
            || string.IsNullOrEmpty(context.RedirectUri)
            || context.Transaction.GetHttpRequest()?.HttpContext is not { } http
            || (context.Request?.ClientId is { } id && await clients.FindAsync(id) is { UsedAt: not null }))
        {
            return;
        }

        await ConsentPage.RefuseAsync(http, error, context.Response.ErrorDescription ?? "The program's request is not valid.");
        context.HandleRequest();
    }
}
