using System.Text.RegularExpressions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Pages;

/// <summary>
/// The address that a page tells its reader to call: the operator's <c>PublicUrl</c>, otherwise the one that the reader used. It is
/// pasted into shells, so a Host header that is more than a name and a port is not repeated.
/// </summary>
internal sealed partial class PageAddress(OAuthAddress address, ArtifactOptions artifacts)
{
    /// <summary>Without a slash at its end.</summary>
    public string Of(HttpRequest request) =>
        address.Of(request) is var used && Plain().IsMatch(used) ? used : artifacts.OwnUrl.AbsoluteUri.TrimEnd('/');

    [GeneratedRegex(@"\Ahttps?://(?:[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\z")]
    private static partial Regex Plain();
}
