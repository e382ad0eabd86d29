using System.Globalization;
using System.Text;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers;

/// <summary>What an adapter is built with.</summary>
/// <param name="BaseUrl">Where the vendor's API is; ends with a slash.</param>
/// <param name="Options">The operator's settings of this provider.</param>
/// <param name="Egress">The way out, for clients of further origins.</param>
/// <param name="Client">Calls the vendor's base address.</param>
/// <param name="Shelf">Where results wait that came inside an answer.</param>
/// <param name="Time">The clock.</param>
internal sealed record ProviderTools(
    Uri BaseUrl, ProviderOptions Options, EgressClient Egress, VendorClient Client, ResultShelf Shelf, TimeProvider Time)
{
    /// <summary>Where the server keeps what must survive.</summary>
    public string DataDirectory => Shelf.DataDirectory;

    /// <summary>A client that may also reach these configured origins, such as a token endpoint or regional hosts.</summary>
    public VendorClient ClientFor(params ReadOnlySpan<Uri> otherOrigins) =>
        new(Egress.ForOperator(BaseUrl, otherOrigins), Shelf, Time, Options.Strict);

    /// <summary>
    /// A client for a vendor that names hosts in its answers: it goes where <paramref name="reaches"/> says, and nowhere
    /// else.
    /// </summary>
    public VendorClient ClientFor(Func<Uri, bool> reaches) =>
        new(Egress.ForOperator(BaseUrl, reaches), Shelf, Time, Options.Strict);
}

/// <summary>Makes the tools of each configured provider.</summary>
internal sealed class ProviderToolbox(EgressClient egress, ResultShelf shelf, TimeProvider time)
{
    public TimeProvider Time => time;

    /// <summary>Null where the operator has not configured this provider.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read.</exception>
    public ProviderTools? For(ProviderProfile profile, ProviderOptions options)
    {
        if (string.IsNullOrWhiteSpace(profile.Keyless ? options.BaseUrl : options.ApiKey))
        {
            return null;
        }

        try
        {
            foreach (var key in ProviderGate.ReadKeys(options.ApiKey))
            {
                Check(profile, key);
            }
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__ApiKey cannot be read: {exception.Message}.", exception);
        }

        var baseUrl = string.IsNullOrWhiteSpace(options.BaseUrl) ? profile.BaseUrl : Parse(profile, options.BaseUrl.Trim());
        if (baseUrl is null)
        {
            throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__BaseUrl must be set: {profile.Title} has no default URL.");
        }

        var client = new VendorClient(egress.ForOperator(baseUrl), shelf, time, options.Strict);
        return new ProviderTools(baseUrl, options, egress, client, shelf, time);
    }

    // What a web page or an editor leaves in a copied key. No header can carry it, so every paid task would fail. The key itself is
    // never shown, only what is wrong with it.
    private static void Check(ProviderProfile profile, ProviderKey key)
    {
        var at = 0;
        foreach (var rune in key.Secret.EnumerateRunes())
        {
            at++;
            var fits = profile.KeyIsFile
                ? Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                : rune.Value is > ' ' and <= '~';
            if (!fits)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Zoetrope__Providers__{profile.Name}__ApiKey (or {profile.EnabledBy}): The key of {profile.Title} has the character "
                    + $"U+{rune.Value:X4} in place {at}, which no key has. Copy the key again."));
            }
        }
    }

    private static Uri Parse(ProviderProfile profile, string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url
            : throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__BaseUrl is '{text}'. "
                + $"Set it to an http or https URL such as {profile.BaseUrl?.ToString() ?? "http://127.0.0.1:8188/"}.");
}
