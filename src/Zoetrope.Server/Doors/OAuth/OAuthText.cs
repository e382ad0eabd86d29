namespace Zoetrope.Server.Doors.OAuth;

/// <summary>Addresses as a person reads them.</summary>
internal static class OAuthText
{
    /// <summary>Where a redirect goes: the host, this computer, or an installed program.</summary>
    public static string Destination(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        return uri.Scheme switch
        {
            "http" or "https" when uri.IsLoopback => "this computer",
            "http" or "https" => uri.IdnHost,
            var scheme => $"the program that opens {scheme}: links",
        };
    }

    /// <summary>
    /// What the form's redirect may lead to, as a source of <c>form-action</c>; browsers hold the answer's redirect against
    /// it.
    /// </summary>
    public static string Source(string redirectUri)
    {
        var uri = new Uri(redirectUri);
        return uri.Scheme is "http" or "https" ? uri.GetLeftPart(UriPartial.Authority) : uri.Scheme + ":";
    }
}
