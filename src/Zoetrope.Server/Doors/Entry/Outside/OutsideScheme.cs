using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Zoetrope.Server.Egress;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry.Outside;

/// <summary>What came back from the issuer, checked by the framework: its claims, and what we sent with the browser.</summary>
internal sealed record OutsideArrival(AuthenticationTicket? Ticket);

/// <summary>
/// OpenID Connect as ASP.NET does it: the code flow with PKCE, state and nonce. It checks what comes back, and signs nobody in: a
/// session is a row of ours.
/// </summary>
internal static class OutsideScheme
{
    public const string Name = "outside";
    public const string Callback = "/sign-in/outside/callback";

    /// <summary>How long somebody may take at the issuer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private const int MaxAnswer = 1024 * 1024;

    // Somebody waits for it with a browser.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(15);

    public static IServiceCollection AddOutsideScheme(this IServiceCollection services, OutsideOptions options)
    {
        if (!options.IsOn)
        {
            return services;
        }

        // Authentication itself is there already, for programs; asking for it again would bring its key ring back.
        new AuthenticationBuilder(services).AddOpenIdConnect(Name, static _ => { });
        services.AddOptions<OpenIdConnectOptions>(Name).Configure<EgressClient, TimeProvider>((scheme, egress, time) =>
        {
            scheme.Authority = options.Issuer;
            scheme.ClientId = options.ClientId;
            scheme.ClientSecret = options.ClientSecret;
            scheme.RequireHttpsMetadata = new Uri(options.Issuer).Scheme == Uri.UriSchemeHttps;
            scheme.Backchannel = Backchannel(egress, new Uri(options.Issuer));
            scheme.CallbackPath = Callback;
            scheme.RemoteAuthenticationTimeout = Patience;

            // Never asked: the events end every sign-in themselves.
            scheme.SignInScheme = "none";
            scheme.ResponseType = OpenIdConnectResponseType.Code;
            scheme.ResponseMode = OpenIdConnectResponseMode.Query;
            scheme.GetClaimsFromUserInfoEndpoint = true;
            scheme.MapInboundClaims = false;
            scheme.SaveTokens = false;
            scheme.DisableTelemetry = true;
            Cookie(scheme.CorrelationCookie, "zt-outside.");
            Cookie(scheme.NonceCookie, "zt-outside-nonce.");
            Ask(scheme, options);
            scheme.TokenValidationParameters.RequireSignedTokens = true;
            scheme.TokenValidationParameters.RequireExpirationTime = true;
            scheme.TokenValidationParameters.ValidAlgorithms = Signatures;
            scheme.TokenValidationParameters.LifetimeValidator = (from, end, _, checks) =>
                time.GetUtcNow() is var now && !(from > (now + checks.ClockSkew).UtcDateTime)
                && end > (now - checks.ClockSkew).UtcDateTime;
            scheme.Events.OnRedirectToIdentityProvider = static redirect =>
            {
                if (OutsideTicket.IsProof(redirect.Properties))
                {
                    redirect.ProtocolMessage.Prompt = "login";
                    redirect.ProtocolMessage.MaxAge = "0";
                }

                return Task.CompletedTask;
            };
            scheme.Events.OnTokenValidated = checkedToken =>
            {
                // Of this flow the framework takes tokens without a signature. And the discovery document names an issuer of its own
                // choice; the operator's is the one that counts.
                var token = checkedToken.SecurityToken;
                if (token.RawSignature is not { Length: > 0 } || !Signatures.Contains(token.Header.Alg))
                {
                    checkedToken.Fail("The token is not signed.");
                }
                else if (token.Issuer.TrimEnd('/') != options.Issuer.TrimEnd('/'))
                {
                    checkedToken.Fail("The token is of another issuer than the one that is configured.");
                }

                return Task.CompletedTask;
            };
            scheme.Events.OnTicketReceived = static received =>
            {
                received.HttpContext.Features.Set(new OutsideArrival(
                    new AuthenticationTicket(received.Principal!, received.Properties, Name)));
                received.HandleResponse();
                return Task.CompletedTask;
            };
            scheme.Events.OnRemoteFailure = static failed =>
            {
                failed.HttpContext.Features.Set(new OutsideArrival((AuthenticationTicket?)null));
                failed.HandleResponse();
                return Task.CompletedTask;
            };
        });
        return services;
    }

    // Signatures by a key that the issuer publishes. With HMAC the client's secret would be one.
    private static readonly string[] Signatures =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static void Ask(OpenIdConnectOptions scheme, OutsideOptions options)
    {
        scheme.Scope.Clear();
        foreach (var scope in options.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Prepend("openid").Distinct())
        {
            scheme.Scope.Add(scope);
        }

        // Some issuers say these only when they are asked for them with the access token.
        scheme.ClaimActions.MapUniqueJsonKey("email_verified", "email_verified");
        if (options.RoleClaim.Length > 0)
        {
            scheme.ClaimActions.MapJsonKey(options.RoleClaim, options.RoleClaim);
        }
    }

    // It names the addresses of its own services, which need not be under its own: any over https, and over http only its own origin.
    private static HttpClient Backchannel(EgressClient egress, Uri issuer)
    {
        var client = egress.ForOperator(
            issuer, url => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == issuer.Scheme && url.Authority == issuer.Authority));
        client.Timeout = AnswerTime;
        client.MaxResponseContentBufferSize = MaxAnswer;
        return client;
    }

    private static void Cookie(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.HttpOnly = true;
        cookie.IsEssential = true;
        cookie.Path = Callback;
    }
}
