using System.Security.Claims;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Doors.OAuth.Consent;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Auditing;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The step that OpenIddict leaves to us first: a person's decision. It has checked the program, the redirect address and the
/// proof key before it comes here.
/// </summary>
internal sealed class AuthorizeEndpoint(
    OAuthClients clients, Grants grants, ConsentForm consent, Consenters consenters, OAuthAddress address)
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    public async Task AuthorizeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("OpenIddict did not see this request.");
        var client = await clients.FindAsync(request.ClientId!)
            ?? throw new InvalidOperationException("OpenIddict accepted an unknown program.");
        if (address.FindForeign(context.Request, request.GetResources()) is { } resource)
        {
            await OAuthRefusal.WriteAsync(context, OAuthRefusal.InvalidTarget,
                $"The resource {resource} is not on this server. Use {address.Of(context.Request)} or "
                + $"{address.Of(context.Request)}{OAuthAddress.Mcp}.");
            return;
        }

        if (request.HasPromptValue(PromptValues.None))
        {
            await OAuthRefusal.WriteAsync(
                context, Errors.InteractionRequired, "Nobody is signed in. A person must allow access on the consent page.");
            return;
        }

        var wanted = ScopesOf(request);
        if (!HttpMethods.IsPost(context.Request.Method)
            || !(await context.Request.ReadFormAsync(context.RequestAborted)).ContainsKey(ConsentForm.Decision))
        {
            await consent.AskKeyAsync(context, request, client, wanted, StatusCodes.Status200OK, error: null);
            return;
        }

        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        if (!consent.IsGenuine(context, form))
        {
            await consent.AskKeyAsync(
                context,
                request,
                client,
                wanted,
                StatusCodes.Status403Forbidden,
                "This form was not opened in this browser, or cookies are off. Check it again and decide.");
            return;
        }

        var decision = form[ConsentForm.Decision].ToString();
        if (decision is not (ConsentForm.Allow or ConsentForm.Continue) && ConsentForm.ModeOf(decision) is null)
        {
            await OAuthRefusal.WriteAsync(context, Errors.AccessDenied, "The user denied access.");
            return;
        }

        if ((await PersonAsync(context, wanted, form)).Failed(out var problem, out var person))
        {
            await consent.AskKeyAsync(context, request, client, wanted, problem.Kind.Status, problem.Message);
            return;
        }

        if (decision is not ConsentForm.Allow)
        {
            await consent.AskLimitsAsync(context, request, client, person, wanted, problem: null);
            return;
        }

        if ((await GrantAsync(context, client, person, wanted, form)).Failed(out problem, out var grant))
        {
            await consent.AskLimitsAsync(context, request, client, person, wanted, problem);
            return;
        }

        var identity = new ClaimsIdentity(Scheme, Claims.Name, Claims.Role);
        identity.SetClaim(Claims.Subject, grant.Id);
        identity.SetAuthorizationId(grant.Id);

        // A program that is worth a consent page is worth a refresh token, whether it knew to ask or not.
        identity.SetScopes([.. ((Scopes)grant.Scopes).Words(), OpenIddictConstants.Scopes.OfflineAccess]);
        identity.SetResources(request.GetResources() is { Length: > 0 } resources ? resources : [address.Of(context.Request)]);
        await context.SignInAsync(Scheme, new ClaimsPrincipal(identity));
    }

    private async Task<Outcome<Consenter>> PersonAsync(HttpContext context, Scopes wanted, IFormCollection form) =>
        consent.ProofOf(form) is { } proof
            ? await consenters.FindAsync(context, proof, wanted)
            : Problems.InvalidParameter.With("This page was open for more than ten minutes. Begin again.");

    private async Task<Outcome<ApiKey>> GrantAsync(
        HttpContext context, OAuthClient client, Consenter person, Scopes wanted, IFormCollection form) =>
        ConsentForm.Limits(form, person).Failed(out var problem, out var limits)
            ? problem
            : await grants.CreateAsync(context.Actor(person.Caller), person.Caller, client, wanted & person.Caller.Scopes, limits);

    // Without one of our scopes, the program asks for everything that the key may do.
    private static Scopes ScopesOf(OpenIddictRequest request)
    {
        var scopes = (request.HasScope("generate") ? Scopes.Generate : Scopes.None)
            | (request.HasScope("read") ? Scopes.Read : Scopes.None);
        return scopes == Scopes.None ? Scopes.All : scopes;
    }
}
