using System.Text;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// Makes a vendor's words fit to be kept and shown: short, printable, and without the credential that some vendors repeat.
/// </summary>
internal static class ProviderWords
{
    private const int MaxCode = 100;
    private const int MaxMessage = 500;

    public static SubmitResult Clean(SubmitResult result, ProviderKey key) => result switch
    {
        SubmitResult.Refused refused => new SubmitResult.Refused(Clean(refused.Error, key)),
        SubmitResult.Unknown unknown => new SubmitResult.Unknown(Clean(unknown.Reason, MaxMessage, key)),
        _ => result,
    };

    public static PollResult Clean(PollResult result, ProviderKey key) => result switch
    {
        PollResult.Failed failed => failed with { Error = Clean(failed.Error, key) },
        PollResult.Unreadable unreadable => unreadable with { Reason = Clean(unreadable.Reason, MaxMessage, key) },
        _ => result,
    };

    public static string Clean(string text, ProviderKey key) => Clean(text, MaxMessage, key);

    private static ProviderError Clean(ProviderError error, ProviderKey key) => error with
    {
        VendorCode = Clean(error.VendorCode, MaxCode, key),
        VendorMessage = Clean(error.VendorMessage, MaxMessage, key),
    };

    private static string Clean(string text, int longest, ProviderKey key)
    {
        // Keys come whole or as a pair; a vendor may repeat either half.
        foreach (var part in key.Secret.Split(':').Append(key.Secret))
        {
            if (part.Length >= 8)
            {
                text = text.Replace(part, "[key]", StringComparison.Ordinal);
            }
        }

        var clean = new StringBuilder(Math.Min(text.Length, longest + 1));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= longest)
            {
                clean.Append('…');
                break;
            }

            clean.Append(Rune.IsControl(rune) ? new Rune(' ') : rune);
        }

        return clean.ToString().Trim();
    }
}
