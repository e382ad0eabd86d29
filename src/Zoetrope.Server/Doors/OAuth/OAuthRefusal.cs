using Microsoft.AspNetCore.Authentication;
using OpenIddict.Server.AspNetCore;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>How one of our steps refuses: OpenIddict words it for the program, or sends the person back to it.</summary>
internal static class OAuthRefusal
{
    public const string InvalidTarget = "invalid_target";

    public static Task WriteAsync(HttpContext context, string error, string description) => context.ForbidAsync(
        OpenIddictServerAspNetCoreDefaults.AuthenticationScheme,
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }));
}
