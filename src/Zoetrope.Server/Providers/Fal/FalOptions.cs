using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>Section <c>Zoetrope:Fal</c>: what only fal has.</summary>
internal sealed class FalOptions
{
    private static readonly Uri Own = new("https://rest.fal.ai/");

    /// <summary>Where fal keeps files and publishes the keys of its webhooks; empty is fal's own, or the BaseUrl if that is set.</summary>
    [RegularExpression("^(https?://[^/]+.*)?$", ErrorMessage = "RestUrl must be an http or https URL, or empty.")]
    public string RestUrl { get; init; } = "";

    /// <summary>Whoever sends the jobs elsewhere does not want the key and the files to go to fal.</summary>
    public Uri RestUri(string configuredBase, Uri baseUrl) => RestUrl.Length > 0 ? new Uri(RestUrl.EndsWith('/') ? RestUrl : RestUrl + "/")
        : string.IsNullOrWhiteSpace(configuredBase) ? Own
        : baseUrl;
}
