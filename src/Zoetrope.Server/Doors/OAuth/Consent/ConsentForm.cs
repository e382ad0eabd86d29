using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using OpenIddict.Abstractions;
using Zoetrope.Server.Ledger;

namespace Zoetrope.Server.Doors.OAuth.Consent;

/// <summary>
/// The fields of the consent page and the seal that binds them to the browser that opened it. The page has two steps: first the
/// API key, then what the account has, what things cost, and the limits. The API key's field is called password, and what stands for
/// it assertion: those are names which OpenIddict keeps out of its log.
/// </summary>
internal sealed class ConsentForm(
    OAuthKeys keys, OAuthOptions options, ConsentTicket tickets, ConsentPrices prices, Consenters consenters)
{
    public const string Key = "password";
    public const string Ticket = "assertion";
    public const string SpendPerDay = "spend_per_day";
    public const string AskAbove = "ask_above";
    public const string Decision = "decision";
    public const string Continue = "continue";
    public const string Allow = "allow";
    public const string Deny = "deny";
    public const string Seal = "seal";

    private const string Cookie = "zoetrope_consent";
    private const int NonceBytes = 18;

    public static readonly string[] Own = [Key, Ticket, SpendPerDay, AskAbove, Decision, Seal];

    /// <summary>The first step: whose account it is. With what was wrong with the form the last time.</summary>
    public async Task AskKeyAsync(
        HttpContext context, OpenIddictRequest request, OAuthClient client, Scopes wanted, int status, string? error)
    {
        var view = View(context, request, client, wanted) with { Error = error, SignedIn = await consenters.SignedInAsync(context) };
        await ConsentPage.WriteAsync(context, view, status);
    }

    /// <summary>The mode in which a signed-in person decides; null for anything else, an API key above all.</summary>
    public static KeyMode? ModeOf(string text) => text switch
    {
        "test" => KeyMode.Test,
        "live" => KeyMode.Live,
        _ => null,
    };

    /// <summary>The second step: what the program may spend, beside what there is and what things cost.</summary>
    public Task AskLimitsAsync(
        HttpContext context, OpenIddictRequest request, OAuthClient client, Consenter person, Scopes wanted, Problem? problem)
    {
        var view = View(context, request, client, wanted & person.Caller.Scopes);
        // What the person wrote, where it is to be corrected; at first what is proposed.
        var form = problem is null ? null : context.Request.Form;
        var examples = prices.Of(person.Caller.Mode);
        var most = Most(person);
        var terms = new ConsentTerms(
            tickets.Seal(person.Proof, view.Seal),
            person,
            examples,
            Entered(form, SpendPerDay, Least(options.SuggestedSpendPerDay ?? ConsentPrices.SpendPerDay(examples), most)),
            Entered(form, AskAbove, Least(options.SuggestedAskAbove ?? ConsentPrices.AskAbove(examples), person.Caller.Limits.AskAbove)));
        return ConsentPage.WriteAsync(
            context, view with { Terms = terms, Error = problem?.Message }, problem?.Kind.Status ?? StatusCodes.Status200OK);
    }

    /// <summary>
    /// What proves the account: the mode that a signed-in person chose or the API key that was entered, just now or at the first step.
    /// Null if the second step took too long.
    /// </summary>
    public string? ProofOf(IFormCollection form) => ModeOf(form[Decision].ToString()) is { } mode
        ? mode.Word()
        : form[Key].ToString().Trim() is { Length: > 0 } entered || !form.ContainsKey(Ticket)
        ? form[Key].ToString().Trim()
        : tickets.Open(form[Ticket].ToString(), form[Seal].ToString());

    private ConsentView View(HttpContext context, OpenIddictRequest request, OAuthClient client, Scopes scopes)
    {
        var parameters = ParametersOf(context.Request.HasFormContentType ? context.Request.Form : context.Request.Query);
        return new ConsentView(
            client,
            context.Request.PathBase + context.Request.Path,
            request.RedirectUri!,
            scopes,
            Open(context, parameters),
            parameters)
        {
            Lifetime = options.RefreshTokenLifetime,
        };
    }

    private static string Entered(IFormCollection? form, string field, long? proposed) =>
        form?[field].ToString() ?? proposed?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static long? Least(long? one, long? other) => one is null ? other : Math.Min(one.Value, other ?? long.MaxValue);

    /// <summary>The most that a program may be allowed a day: what the key may spend, and what there is.</summary>
    public static long Most(Consenter person) =>
        Math.Min(person.Caller.Limits.SpendPerDay ?? long.MaxValue, Math.Max(1, person.Balance));

    /// <summary>The seal of a form that is about to be shown; sets the cookie it is checked against.</summary>
    private string Open(HttpContext context, List<KeyValuePair<string, string>> parameters)
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

        return SealOf(keys.Current, nonce, parameters);
    }

    /// <summary>Whether this browser opened the form here, for this very request, and no other site sent it.</summary>
    public bool IsGenuine(HttpContext context, IFormCollection form)
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
            && keys.Accepted.Any(key => CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(SealOf(key, nonce, ParametersOf(form))), Encoding.UTF8.GetBytes(form[Seal].ToString())));
    }

    /// <summary>The grant's limits: what the person entered, and never more than the key allows or the account has.</summary>
    public static Outcome<KeyLimits> Limits(IFormCollection form, Consenter person)
    {
        var key = person.Caller.Limits;
        if (Number(form, SpendPerDay, "The number of credits a day", 1).Failed(out var problem, out var perDay)
            || Number(form, AskAbove, "The price above which it asks", 0).Failed(out problem, out var askAbove))
        {
            return problem;
        }

        if (perDay > key.SpendPerDay)
        {
            return Problems.InvalidParameter.With(
                $"{person.Bound} may spend {key.SpendPerDay} credits a day. Allow the program that much or less.", SpendPerDay);
        }

        if (perDay > Most(person))
        {
            return Problems.InvalidParameter.With(
                $"The account has {person.Balance} credits. Allow the program {Most(person)} a day or less. You can raise it later.",
                SpendPerDay);
        }

        if (askAbove > key.AskAbove)
        {
            return Problems.InvalidParameter.With(
                $"{person.Bound} asks above {key.AskAbove} credits. Enter that number or a lower one.", AskAbove);
        }

        return key with { SpendPerDay = perDay ?? Most(person), AskAbove = askAbove ?? key.AskAbove };
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

    /// <summary>The program's request: everything that was sent and is not the form's own.</summary>
    private static List<KeyValuePair<string, string>> ParametersOf(IEnumerable<KeyValuePair<string, StringValues>> sent) =>
    [
        .. sent.Where(static pair => !Own.Contains(pair.Key))
            .SelectMany(static pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? ""))),
    ];

    // Over the whole request, so that what was shown (program, address, scopes, resource) is what is decided. A browser writes the
    // ends of lines in its own way.
    private static string SealOf(OAuthKey key, string nonce, List<KeyValuePair<string, string>> parameters)
    {
        var request = parameters
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(static pair => new[] { pair.Key, pair.Value.ReplaceLineEndings("\n") });
        return Base64Url(HMACSHA256.HashData(key.Forms, JsonSerializer.SerializeToUtf8Bytes<string[]>([nonce, .. request])));
    }

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
