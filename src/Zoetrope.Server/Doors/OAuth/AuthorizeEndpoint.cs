using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Zoetrope.Server.Accounts;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The two steps that OpenIddict leaves to us: a person's decision, and tokens for what was decided. It has checked the
/// program, the redirect address and the proof key before it comes here, and the code or refresh token likewise.
/// </summary>
internal sealed class AuthorizeEndpoint(OAuthClients clients, Grants grants, ConsentForm consent, Authenticator authenticator, OAuthAddress address, OAuthOptions options)
{
    private const string InvalidTarget = "invalid_target";
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public async Task AuthorizeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var client = await clients.FindAsync(request.ClientId!) ?? throw new InvalidOperationException("OpenIddict let an unknown program in.");
        if (Unknown(context.Request, request.GetResources()) is { } resource)
        {
            await RefuseAsync(context, InvalidTarget, $"The resource {resource} is not here. Here are {address.Of(context.Request)} and {address.Of(context.Request)}{OAuthAddress.Mcp}.");
            return;
        }

        if (request.HasPromptValue(PromptValues.None))
        {
            await RefuseAsync(context, Errors.InteractionRequired, "Nobody is signed in here: a person must allow the access on the page.");
            return;
        }

        var wanted = ScopesOf(request);
        if (!HttpMethods.IsPost(context.Request.Method) || !(await context.Request.ReadFormAsync(context.RequestAborted)).ContainsKey(ConsentForm.Decision))
        {
            await ShowAsync(context, request, client, wanted, StatusCodes.Status200OK, error: null);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!consent.IsGenuine(context, request, form))
        {
            await ShowAsync(context, request, client, wanted, StatusCodes.Status403Forbidden, "This form was not opened in this browser, or cookies are off. Look at it again and decide.");
            return;
        }

        if (form[ConsentForm.Decision] != ConsentForm.Allow)
        {
            await RefuseAsync(context, Errors.AccessDenied, "The person denied the access.");
            return;
        }

        var granting = await GrantAsync(context, client, wanted, form);
        if (granting.Failed(out var problem, out var grant))
        {
            await ShowAsync(context, request, client, wanted, problem.Kind.Status, problem.Message);
            return;
        }

        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, grant.Id);
        identity.SetAuthorizationId(grant.Id);

        // A program that is worth a consent page is worth a refresh token, whether it knew to ask or not.
        identity.SetScopes([.. Names((Scopes)grant.Scopes), OpenIddictConstants.Scopes.OfflineAccess]);
        identity.SetResources(request.GetResources() is { Length: > 0 } resources ? resources : [address.Of(context.Request)]);
        await context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
    }

    public async Task ExchangeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var result = await context.AuthenticateAsync(Scheme);
        if (result.Principal is not { } principal || principal.GetClaim(Claims.Subject) is not { } grant)
        {
            await RefuseAsync(context, Errors.InvalidGrant, "The code or refresh token is not valid.");
            return;
        }

        var granted = principal.GetResources();
        var asked = request.GetResources();
        var whole = granted.Any(resource => address.PathOf(context.Request, resource) == "");
        if (Unknown(context.Request, asked) is { } resource
            || (!whole && (resource = asked.FirstOrDefault(item => !granted.Any(one => address.PathOf(context.Request, one) == address.PathOf(context.Request, item)))) is not null))
        {
            await RefuseAsync(context, InvalidTarget, $"The resource {resource} was not allowed.");
            return;
        }

        if (asked.Length > 0)
        {
            principal.SetResources(asked);
        }

        if (!await grants.KeepAsync(grant))
        {
            await RefuseAsync(context, Errors.InvalidGrant, "The access was revoked, or the API key that gave it.");
            return;
        }

        await context.SignInAsync(Scheme, principal);
    }

    private async Task<Outcome<ApiKey>> GrantAsync(HttpContext context, OAuthClient client, Scopes wanted, IFormCollection form)
    {
        var authenticating = await authenticator.AuthenticateAsync($"Bearer {form[ConsentForm.Key].ToString().Trim()}", context.Connection.RemoteIpAddress, Scopes.None);
        if (authenticating.Failed(out var problem, out var granter))
        {
            return problem.Kind == Problems.RateLimited || problem.Kind == Problems.Forbidden
                ? problem
                : Problems.InvalidParameter.With("This is not a working API key. It begins with sk-test- or sk-live-.");
        }

        if ((wanted & granter.Scopes) == Scopes.None)
        {
            return Problems.Forbidden.With("This API key may not do what the program asks for.");
        }

        return ConsentForm.Limits(form, granter.Limits).Failed(out problem, out var limits)
            ? problem
            : await grants.CreateAsync(granter, client, wanted & granter.Scopes, limits);
    }

    private Task ShowAsync(HttpContext context, OpenIddictRequest request, OAuthClient client, Scopes wanted, int status, string? error)
    {
        var posted = context.Request.HasFormContentType;
        var sent = posted ? context.Request.Form.AsEnumerable() : context.Request.Query.AsEnumerable();
        var parameters = sent.Where(pair => !ConsentForm.Own.Contains(pair.Key))
            .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? ""))).ToList();
        return ConsentPage.WriteAsync(context, new ConsentView(client, context.Request.PathBase + context.Request.Path, request.RedirectUri!, wanted, consent.Open(context, request), parameters)
        {
            Error = error,
            SpendPerDay = posted ? context.Request.Form[ConsentForm.SpendPerDay].ToString() : options.SuggestedSpendPerDay.ToString(CultureInfo.InvariantCulture),
            AskAbove = posted ? context.Request.Form[ConsentForm.AskAbove].ToString() : options.SuggestedAskAbove.ToString(CultureInfo.InvariantCulture),
            Lifetime = options.RefreshTokenLifetime,
        }, status);
    }

    private string? Unknown(HttpRequest request, IEnumerable<string> resources) => resources.FirstOrDefault(resource => address.PathOf(request, resource) is null);

    private static Task RefuseAsync(HttpContext context, string error, string description) => context.ForbidAsync(Scheme, new AuthenticationProperties(new Dictionary<string, string?>
    {
        [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
        [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
    }));

    // Without a scope that is ours the program asks for what the key may do.
    private static Scopes ScopesOf(OpenIddictRequest request)
    {
        var scopes = (request.HasScope("generate") ? Scopes.Generate : Scopes.None) | (request.HasScope("read") ? Scopes.Read : Scopes.None);
        return scopes == Scopes.None ? Scopes.All : scopes;
    }

    private static IEnumerable<string> Names(Scopes scopes)
    {
        if (scopes.HasFlag(Scopes.Generate))
        {
            yield return "generate";
        }

        if (scopes.HasFlag(Scopes.Read))
        {
            yield return "read";
        }
    }
}
