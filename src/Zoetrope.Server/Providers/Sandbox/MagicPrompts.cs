using System.Globalization;
using System.Text.RegularExpressions;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// One marker of a test prompt and what it brings about; the docs' table is generated from <see cref="MagicPrompts.All"/>.
/// </summary>
/// <param name="Marker">As written in a prompt.</param>
/// <param name="Meaning">What an integrator sees, for the docs.</param>
/// <param name="Kind">What the sandbox does.</param>
internal sealed record MagicPrompt(string Marker, string Meaning, Magic Kind);

[Flags]
internal enum Magic
{
    None = 0,
    Fail = 1 << 0,
    Moderated = 1 << 1,
    Refused = 1 << 2,
    Slow = 1 << 3,
    Timeout = 1 << 4,
    NeverFinishes = 1 << 5,
    LostResponse = 1 << 6,
    UnknownOutcome = 1 << 7,
    LostRequest = 1 << 8,
    RateLimited = 1 << 9,
    Down = 1 << 10,
    Auth = 1 << 11,
    Quota = 1 << 12,
    BadMedia = 1 << 13,
    TruncatedMedia = 1 << 14,
    CallbackTwice = 1 << 15,
    CallbackEarly = 1 << 16,
    StatusBackwards = 1 << 17,
}

/// <summary>Reads the markers of a prompt. They work anywhere in it, in any case, and are never drawn.</summary>
internal static partial class MagicPrompts
{
    public static readonly TimeSpan MaxSlow = TimeSpan.FromMinutes(10);

    /// <summary>Every marker, in the order of the documentation.</summary>
    public static IReadOnlyList<MagicPrompt> All { get; } =
    [
        new("[[slow:30s]]", "Takes at least that long (`s` or `ms`, at most 10 minutes) and reports progress meanwhile.", Magic.Slow),
        new("[[fail]]", "Accepted, then fails: the provider is unavailable.", Magic.Fail),
        new("[[moderated]]", "Accepted, then refused by moderation.", Magic.Moderated),
        new("[[refused]]", "The submit is refused as invalid input.", Magic.Refused),
        new("[[timeout]]", "Accepted; after two seconds the provider reports it expired.", Magic.Timeout),
        new("[[never-finishes]]", "Accepted, and runs until the gateway's own deadline or a cancel.", Magic.NeverFinishes),
        new("[[lost-response]]", "The provider accepts but its answer is lost; a lookup finds the job and it ends normally.",
            Magic.LostResponse),
        new("[[unknown-outcome]]", "The provider accepts, its answer is lost, and no lookup finds the job.", Magic.UnknownOutcome),
        new("[[lost-request]]", "The request never arrives; a lookup proves it, and the next submit succeeds.", Magic.LostRequest),
        new("[[provider-429]]", "The first submit is rate limited for one second, the next succeeds.", Magic.RateLimited),
        new("[[provider-down]]", "Every submit is refused: the provider is unavailable.", Magic.Down),
        new("[[provider-auth]]", "The provider rejects the gateway's own credential.", Magic.Auth),
        new("[[provider-quota]]", "The gateway's quota at the provider is used up.", Magic.Quota),
        new("[[bad-media]]", "Succeeds, but the result file is an HTML page.", Magic.BadMedia),
        new("[[truncated-media]]", "Succeeds, but the result file is cut off.", Magic.TruncatedMedia),
        new("[[callback-twice]]", "The end of the job is reported twice.", Magic.CallbackTwice),
        new("[[callback-early]]", "A callback arrives before the submit's answer.", Magic.CallbackEarly),
        new("[[status-backwards]]", "Progress goes from 80 back to 10 once.", Magic.StatusBackwards),
    ];

    public static Magic Read(string prompt)
    {
        var found = Magic.None;
        foreach (Match match in Marker().Matches(prompt))
        {
            var name = match.Groups["name"].Value;
            found |= All.FirstOrDefault(magic => magic.Marker.AsSpan(2).StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && magic.Marker.AsSpan(2 + name.Length)[0] is ':' or ']')?.Kind ?? Magic.None;
        }

        return found;
    }

    /// <summary>The time of <c>[[slow:…]]</c>; zero without one.</summary>
    public static TimeSpan SlowTime(string prompt)
    {
        var match = Slow().Match(prompt);
        if (!match.Success || !double.TryParse(match.Groups["n"].Value, CultureInfo.InvariantCulture, out var number))
        {
            return TimeSpan.Zero;
        }

        var milliseconds = match.Groups["unit"].Value.Equals("ms", StringComparison.OrdinalIgnoreCase) ? number : number * 1000;
        return TimeSpan.FromMilliseconds(Math.Min(milliseconds, MaxSlow.TotalMilliseconds));
    }

    /// <summary>The prompt without its markers.</summary>
    public static string Strip(string prompt) => Marker().Replace(prompt, " ");

    [GeneratedRegex(@"\[\[\s*(?<name>[a-z0-9-]{2,40})\s*(?::[^\]]{0,40})?\]\]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Marker();

    [GeneratedRegex(@"\[\[\s*slow\s*:\s*(?<n>\d{1,9}(\.\d{1,6})?)\s*(?<unit>ms|s)?\s*\]\]",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Slow();
}
