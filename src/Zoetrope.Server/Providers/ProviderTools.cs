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
    public VendorClient ClientFor(params ReadOnlySpan<Uri> otherOrigins) => new(Egress.ForOperator(BaseUrl, otherOrigins), Shelf, Time);

    /// <summary>
    /// A client for a vendor that names hosts in its answers: it goes where <paramref name="reaches"/> says, and nowhere
    /// else.
    /// </summary>
    public VendorClient ClientFor(Func<Uri, bool> reaches) => new(Egress.ForOperator(BaseUrl, reaches), Shelf, Time);
}

/// <summary>Makes the tools of each configured provider.</summary>
internal sealed class ProviderToolbox(EgressClient egress, ResultShelf shelf, TimeProvider time)
{
    public TimeProvider Time => time;

    /// <summary>Null where the operator has not configured this provider.</summary>
    /// <exception cref="InvalidOperationException">A setting cannot be read.</exception>
    public ProviderTools? For(ProviderProfile profile, ProviderOptions options)
    {
        if (profile.Keyless ? options.BaseUrl.Length == 0 : options.ApiKey.Length == 0)
        {
            return null;
        }

        try
        {
            ProviderGate.ReadKeys(options.ApiKey);
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__ApiKey cannot be read: {exception.Message}.", exception);
        }

        var baseUrl = options.BaseUrl.Length == 0 ? profile.BaseUrl : Parse(profile, options.BaseUrl);
        if (baseUrl is null)
        {
            throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__BaseUrl must be set: {profile.Title} has no default URL.");
        }

        return new ProviderTools(baseUrl, options, egress, new VendorClient(egress.ForOperator(baseUrl), shelf, time), shelf, time);
    }

    private static Uri Parse(ProviderProfile profile, string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var url)
            && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
            ? url
            : throw new InvalidOperationException(
                $"Zoetrope__Providers__{profile.Name}__BaseUrl is '{text}'. "
                + $"Set it to an http or https URL such as {profile.BaseUrl?.ToString() ?? "http://127.0.0.1:8188/"}.");
}
