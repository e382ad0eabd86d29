using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.OAuth.Consent;
using Zoetrope.Server.Doors.Shared;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// OAuth 2.1 for programs that do not hold an API key: OpenIddict is the protocol, this folder is the consent page and where
/// things are kept. VicSee's addresses (<c>/authorize</c>, <c>/token</c>, <c>/register</c>) answer too.
/// </summary>
internal static class OAuthFeature
{
    private const string Authorize = "/oauth/authorize";
    private const string Token = "/oauth/token";
    private const string Register = "/oauth/register";
    private const string VicSeeAuthorize = "/authorize";
    private const string VicSeeToken = "/token";
    private const string VicSeeRegister = "/register";

    /// <summary>A client whose answer was lost may repeat its refresh for so long; after that a second use is a theft.</summary>
    private static readonly TimeSpan RefreshLeeway = TimeSpan.FromSeconds(30);

    /// <summary>The framework's own name of the service that keeps a key ring; a test sees whether it is still that.</summary>
    public const string KeyRingService = "DataProtectionHostedService";

    /// <summary>The framework's own word for "the authentication middleware is placed already"; a test sees whether it still is.</summary>
    public const string MiddlewareSet = "__AuthenticationMiddlewareSet";

    /// <summary>Everything that is sent in a form here is short.</summary>
    private const long MaxForm = 64 * 1024;

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    public static IServiceCollection AddOAuth(
        this IServiceCollection services, OAuthOptions options, string publicUrl, string dataDirectory)
    {
        services
            .AddSingleton(options)
            .AddSingleton(new OAuthAddress(publicUrl))
            .AddSingleton(_ => new OAuthKeys(dataDirectory))
            .AddSingleton<OAuthKeyChange>()
            .AddSingleton(static provider => new SecretHolder(OAuthKeys.Name, () => provider.GetRequiredService<OAuthKeyChange>().Reload()))
            .AddSingleton<OAuthClients>()
            .AddSingleton<OAuthTokens>()
            .AddSingleton<Grants>()
            .AddSingleton<ICallerSource, GrantTokens>()
            .AddSingleton<ConsentTicket>()
            .AddSingleton<ConsentPrices>()
            .AddSingleton<ConsentForm>()
            .AddSingleton<Consenters>()
            .AddSingleton<ClientRegistration>()
            .AddSingleton<AuthorizeEndpoint>()
            .AddSingleton<TokenEndpoint>()
            .AddWorker<OAuthSweep>();
        services.AddOpenIddict()
            .AddCore(core => core
                .SetDefaultApplicationEntity<OAuthClient>().ReplaceApplicationStore<OAuthClient, OAuthClientStore>()
                .SetDefaultAuthorizationEntity<ApiKey>().ReplaceAuthorizationStore<ApiKey, OAuthGrantStore>()
                .SetDefaultTokenEntity<OAuthToken>().ReplaceTokenStore<OAuthToken, OAuthTokenStore>())
            .AddServer(server => Configure(server, options))
            .AddValidation(validation =>
            {
                validation.UseLocalServer();
                validation.UseAspNetCore().DisableAccessTokenExtractionFromBodyForm().DisableAccessTokenExtractionFromQueryString();
            });
        services.AddOptions<OpenIddictServerOptions>().Configure<OAuthKeys>(static (server, keys) =>
        {
            foreach (var key in keys.Accepted)
            {
                server.SigningCredentials.Add(new SigningCredentials(key.Signing, SecurityAlgorithms.EcdsaSha256));
                server.EncryptionCredentials.Add(
                    new EncryptingCredentials(key.Sealing, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
            }
        });

        // Comes with ASP.NET's authentication and would write a key ring, which nothing here uses, into the home directory.
        foreach (var keyRing in services.Where(service => service.ImplementationType?.Name == KeyRingService).ToList())
        {
            services.Remove(keyRing);
        }

        return services;
    }

    /// <summary>Before the callers: OpenIddict answers its own addresses, and reads access tokens. No other request meets it.</summary>
    public static IApplicationBuilder UseOAuth(this IApplicationBuilder app)
    {
        // Otherwise the host puts this middleware in front of everything, for every request.
        app.Properties[MiddlewareSet] = true;
        return app.UseWhen(Concerns, static branch => branch
            .Use(static (context, next) =>
            {
                context.RequestServices.GetRequiredService<OAuthAddress>().Apply(context.Request);
                if (context.GetEndpoint() is null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
                {
                    // Responses that OpenIddict writes itself have no endpoint that could carry this.
                    size.MaxRequestBodySize = Math.Min(MaxForm, size.MaxRequestBodySize ?? MaxForm);
                }

                return ReadFormAsync(context, next);
            })
            .UseMiddleware<AuthenticationMiddleware>());
    }

    public static IEndpointRouteBuilder MapOAuth(this IEndpointRouteBuilder routes)
    {
        foreach (var path in new[] { Authorize, VicSeeAuthorize })
        {
            routes.MapMethods(
                path, ["GET", "POST"], static (HttpContext context, AuthorizeEndpoint endpoint) => endpoint.AuthorizeAsync(context))
                .WithBodyLimit(MaxForm).AllowAnonymousCaller("the person proves the account on the page").ExcludeFromDescription();
        }

        foreach (var path in new[] { Token, VicSeeToken })
        {
            routes.MapPost(path, static (HttpContext context, TokenEndpoint endpoint) => endpoint.ExchangeAsync(context))
                .WithBodyLimit(MaxForm)
                .WithDialect(OAuthErrors.OfToken)
                .AllowAnonymousCaller("the code or refresh token is the right")
                .ExcludeFromDescription();
        }

        foreach (var path in new[] { Register, VicSeeRegister })
        {
            routes.MapPost(path, static (HttpContext context, ClientRegistration registration) => registration.RunAsync(context))
                .WithBodyLimit(ClientRegistration.MaxBody)
                .WithDialect(OAuthErrors.OfRegistration)
                .AllowAnonymousCaller("registering allows nothing")
                .ExcludeFromDescription();
        }

        return routes.MapOAuthDocuments();
    }

    // Read here and kept with the request: OpenIddict, which reads it next, has no answer to a form that cannot be read.
    private static async Task ReadFormAsync(HttpContext context, RequestDelegate next)
    {
        if (IsOurs(context.Request.Path) && context.Request.HasFormContentType)
        {
            try
            {
                await context.Request.ReadFormAsync(context.RequestAborted);
            }
            catch (Exception exception) when (
                exception is InvalidDataException or InvalidOperationException or NotSupportedException or ArgumentException
                || (exception is IOException and not BadHttpRequestException && !context.RequestAborted.IsCancellationRequested))
            {
                const string malformed = "The form of this request is malformed or too long.";
                await (context.Request.Path.Value is Authorize or VicSeeAuthorize && ConsentPage.IsWantedBy(context.Request)
                    ? ConsentPage.RefuseAsync(context, Errors.InvalidRequest, malformed, "Go back to it and try again.")
                    : OAuthErrors.WriteAsync(context, StatusCodes.Status400BadRequest, Errors.InvalidRequest, malformed));
                return;
            }
        }

        await next(context);
    }

    private static void Configure(OpenIddictServerBuilder server, OAuthOptions options)
    {
        server
            .SetAuthorizationEndpointUris(Authorize, VicSeeAuthorize)
            .SetTokenEndpointUris(Token, VicSeeToken)
            .SetRevocationEndpointUris("/oauth/revoke")
            .SetJsonWebKeySetEndpointUris("/oauth/jwks")
            .SetConfigurationEndpointUris("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
            .AllowAuthorizationCodeFlow()
            .AllowRefreshTokenFlow()
            .RequireProofKeyForCodeExchange()
            .RegisterScopes(OAuthDocuments.Scopes)
            .DisableScopeValidation()
            .IgnoreScopePermissions()
            .DisableResourceValidation()
            .IgnoreResourcePermissions()
            .DisableAccessTokenEncryption()
            .SetAuthorizationCodeLifetime(CodeLifetime)
            .SetAccessTokenLifetime(options.AccessTokenLifetime)
            .SetRefreshTokenLifetime(options.RefreshTokenLifetime)
            .SetRefreshTokenReuseLeeway(RefreshLeeway);
        server.Configure(static settings =>
        {
            settings.ResponseModes.Clear();
            settings.ResponseModes.Add(ResponseModes.Query);
            settings.CodeChallengeMethods.Remove(CodeChallengeMethods.Plain);
            settings.Scopes.Remove(OpenIddict.Abstractions.OpenIddictConstants.Scopes.OpenId);
        });

        // OpenIddict requires https unless it is configured to trust a proxy in front of it.
        server.UseAspNetCore()
            .EnableAuthorizationEndpointPassthrough()
            .EnableTokenEndpointPassthrough()
            .DisableTransportSecurityRequirement();
        // OAuth 2.0 lets a program with one registered redirect URI omit it; OAuth 2.1 and the consent page need it.
        server.AddEventHandler<ValidateAuthorizationRequestContext>(
            static handler => handler.SetOrder(int.MinValue).UseInlineHandler(static context =>
        {
            if (string.IsNullOrEmpty(context.Request.RedirectUri))
            {
                context.Reject(Errors.InvalidRequest, "The mandatory 'redirect_uri' parameter is missing.");
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<ApplyAuthorizationResponseContext>(
            static handler => handler.SetOrder(UntrustedRedirect.Order).UseSingletonHandler<UntrustedRedirect>());
        server.AddEventHandler<HandleConfigurationRequestContext>(
            static handler => handler.SetOrder(int.MaxValue).UseInlineHandler(static context =>
        {
            context.Metadata["registration_endpoint"] = new Uri(context.BaseUri!, Register.TrimStart('/')).AbsoluteUri;
            foreach (var methods in new[] { context.TokenEndpointAuthenticationMethods, context.RevocationEndpointAuthenticationMethods })
            {
                methods.Clear();
                methods.Add("none");
            }

            return ValueTask.CompletedTask;
        }));
    }

    private static bool Concerns(HttpContext context)
    {
        var path = context.Request.Path;
        return GrantTokens.IsToken(context.Request.Headers.Authorization) || IsOurs(path) || path.StartsWithSegments("/.well-known");
    }

    private static bool IsOurs(PathString path) =>
        path.StartsWithSegments("/oauth") || path.Value is VicSeeAuthorize or VicSeeToken or VicSeeRegister;
}
