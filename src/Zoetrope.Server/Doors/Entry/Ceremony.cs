using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.People;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>
/// The two halves of making and of using a passkey. Identity makes the challenge and checks the answer; what it must remember between
/// them lies sealed in a cookie of the browser, for five minutes, so any node can take the second half.
/// </summary>
internal sealed class Ceremony(
    IPasskeyHandler<Person> handler, PasskeyStore store, PeopleKeys keys, OAuthAddress address, TimeProvider time)
{
    private const string Cookie = "zt-passkey";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private static readonly Problem Failed = Problems.SignInFailed.With(
        "This passkey is not one of this server, or it took more than five minutes. Try again, or use your password.");

    private static readonly Problem Full = Problems.InvalidOperation.With(
        $"You have {PasskeyStore.MaxPerPerson} passkeys, which is the limit. Remove one first.");

    /// <summary>What the browser asks the authenticator to make, as JSON.</summary>
    public async Task<Outcome<string>> BeginMakingAsync(HttpContext context, Person person)
    {
        if ((await store.ListAsync(person.Id)).Count >= PasskeyStore.MaxPerPerson)
        {
            return Full;
        }

        address.Apply(context.Request);
        var options = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = person.Id, Name = person.Email ?? person.Name, DisplayName = person.Name }, context);
        Keep(context, "make " + person.Id, options.AttestationState ?? "");
        return options.CreationOptionsJson;
    }

    public async Task<Problem?> FinishMakingAsync(HttpContext context, Person person, string credential, string? name)
    {
        address.Apply(context.Request);
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext
        {
            HttpContext = context, CredentialJson = credential, AttestationState = Take(context, "make " + person.Id),
        });
        if (!result.Succeeded || result.UserEntity.Id != person.Id)
        {
            return Failed;
        }

        result.Passkey.Name = name;
        await store.AddOrUpdatePasskeyAsync(person, result.Passkey, context.RequestAborted);
        return null;
    }

    /// <summary>What the browser asks its authenticators for, as JSON; the same for everybody.</summary>
    public async Task<string> BeginUsingAsync(HttpContext context)
    {
        address.Apply(context.Request);
        var options = await handler.MakeRequestOptionsAsync(null, context);
        Keep(context, "use", options.AssertionState ?? "");
        return options.RequestOptionsJson;
    }

    public async Task<Outcome<Person>> FinishUsingAsync(HttpContext context, string credential)
    {
        address.Apply(context.Request);
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext
        {
            HttpContext = context, CredentialJson = credential, AssertionState = Take(context, "use"),
        });
        if (!result.Succeeded)
        {
            return Failed;
        }

        await store.AddOrUpdatePasskeyAsync(result.User, result.Passkey, context.RequestAborted);
        return result.User;
    }

    private void Keep(HttpContext context, string purpose, string state)
    {
        var plain = new byte[sizeof(long) + Encoding.UTF8.GetByteCount(state)];
        BinaryPrimitives.WriteInt64BigEndian(plain, (time.GetUtcNow() + Lifetime).ToUnixTimeMilliseconds());
        Encoding.UTF8.GetBytes(state, plain.AsSpan(sizeof(long)));
        context.Response.Cookies.Append(
            Cookie, Base64Url.EncodeToString(keys.Seal("passkey " + purpose, plain)), Options(context.Request, Lifetime));
    }

    private string? Take(HttpContext context, string purpose)
    {
        var kept = context.Request.Cookies[Cookie];
        context.Response.Cookies.Delete(Cookie, Options(context.Request, null));
        if (kept is null || !Base64Url.IsValid(kept)
            || keys.Open("passkey " + purpose, Base64Url.DecodeFromChars(kept)) is not { Length: > sizeof(long) } plain
            || BinaryPrimitives.ReadInt64BigEndian(plain) <= time.GetUtcNow().ToUnixTimeMilliseconds())
        {
            return null;
        }

        return Encoding.UTF8.GetString(plain, sizeof(long), plain.Length - sizeof(long));
    }

    private static CookieOptions Options(HttpRequest request, TimeSpan? lifetime) => new()
    {
        HttpOnly = true, Secure = request.IsHttps, SameSite = SameSiteMode.Strict, Path = "/", MaxAge = lifetime, IsEssential = true,
    };
}
