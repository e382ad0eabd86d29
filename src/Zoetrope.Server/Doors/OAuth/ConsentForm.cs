using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OpenIddict.Abstractions;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>
/// The fields of the consent page and the seal that binds them to the browser that opened it. The API key's field is called
/// password: that is the name which OpenIddict keeps out of its log.
/// </summary>
internal sealed class ConsentForm(OAuthKeys keys, OAuthOptions options)
{
    public const string Key = "password";
    public const string SpendPerDay = "spend_per_day";
    public const string AskAbove = "ask_above";
    public const string Decision = "decision";
    public const string Allow = "allow";
    public const string Deny = "deny";
    public const string Seal = "seal";

    private const string Cookie = "zoetrope_consent";
    private const int NonceBytes = 18;

    public static readonly string[] Own = [Key, SpendPerDay, AskAbove, Decision, Seal];

    /// <summary>The page with this form, and what was wrong with it the last time.</summary>
    public Task ShowAsync(HttpContext context, OpenIddictRequest request, OAuthClient client, Scopes wanted, int status, string? error)
    {
        var posted = context.Request.HasFormContentType;
        var sent = posted ? context.Request.Form.AsEnumerable() : context.Request.Query.AsEnumerable();
        var parameters = sent.Where(pair => !Own.Contains(pair.Key))
            .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? ""))).ToList();
        return ConsentPage.WriteAsync(
            context,
            new ConsentView(
                client, context.Request.PathBase + context.Request.Path, request.RedirectUri!, wanted, Open(context, request), parameters)
        {
            Error = error,
            SpendPerDay = posted
                ? context.Request.Form[SpendPerDay].ToString()
                : options.SuggestedSpendPerDay.ToString(CultureInfo.InvariantCulture),
            AskAbove = posted
                ? context.Request.Form[AskAbove].ToString()
                : options.SuggestedAskAbove.ToString(CultureInfo.InvariantCulture),
            Lifetime = options.RefreshTokenLifetime,
        }, status);
    }

    /// <summary>The seal of a form that is about to be shown; sets the cookie it is checked against.</summary>
    private string Open(HttpContext context, OpenIddictRequest request)
    {
        var nonce = context.Request.Cookies[Cookie];
        if (nonce is not { Length: NonceBytes * 4 / 3 })
        {
            nonce = Base64Url(RandomNumberGenerator.GetBytes(NonceBytes));
            context.Response.Cookies.Append(Cookie, nonce, new CookieOptions
            {
                HttpOnly = true,
                Secure = context.Request.IsHttps,
                SameSite = SameSiteMode.Lax,
                Path = "/",
                IsEssential = true,
            });
        }

        return SealOf(nonce, request);
    }

    /// <summary>Whether this browser opened the form here, for this very request, and no other site sent it.</summary>
    public bool IsGenuine(HttpContext context, OpenIddictRequest request, IFormCollection form)
    {
        var origin = context.Request.Headers.Origin;
        if (origin.Count > 0
            && !string.Equals(origin.ToString(), $"{context.Request.Scheme}://{context.Request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var site = context.Request.Headers["Sec-Fetch-Site"];
        return (site.Count == 0 || site.ToString() == "same-origin")
            && context.Request.Cookies[Cookie] is { } nonce
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(SealOf(nonce, request)), Encoding.UTF8.GetBytes(form[Seal].ToString()));
    }

    /// <summary>The grant's limits: what the person entered, and never more than the key allows.</summary>
    public static Outcome<KeyLimits> Limits(IFormCollection form, KeyLimits key)
    {
        if (Number(form, SpendPerDay, "The number of credits a day", 1).Failed(out var problem, out var perDay)
            || Number(form, AskAbove, "The price above which it asks", 0).Failed(out problem, out var askAbove))
        {
            return problem;
        }

        if (perDay > key.SpendPerDay)
        {
            return Problems.InvalidParameter.With(
                $"The key may spend {key.SpendPerDay} credits a day. Allow the program that much or less.", SpendPerDay);
        }

        if (askAbove > key.AskAbove)
        {
            return Problems.InvalidParameter.With(
                $"The key asks above {key.AskAbove} credits. Enter that number or a lower one.", AskAbove);
        }

        return key with { SpendPerDay = perDay ?? key.SpendPerDay, AskAbove = askAbove ?? key.AskAbove };
    }

    private static Outcome<long?> Number(IFormCollection form, string field, string what, long min)
    {
        var text = form[field].ToString().Trim();
        if (text.Length == 0)
        {
            return (long?)null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= min
            && number <= CreditLedger.MaxAmount
            ? number
            : Problems.InvalidParameter.With($"{what} must be a whole number of at least {min}, or empty.", field);
    }

    private string SealOf(string nonce, OpenIddictRequest request) => Base64Url(HMACSHA256.HashData(
        keys.Forms,
        Encoding.UTF8.GetBytes(string.Join('\n', nonce, request.ClientId, request.RedirectUri, request.CodeChallenge, request.State))));

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
