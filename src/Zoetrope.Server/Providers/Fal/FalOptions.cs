using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>Section <c>Zoetrope:Fal</c>: what only fal has.</summary>
internal sealed class FalOptions
{
    private static readonly Uri Own = new("https://rest.fal.ai/");

    /// <summary>Where fal keeps files and publishes the keys of its webhooks; empty is fal's own, or the BaseUrl if that is set.</summary>
    [RegularExpression("^(https?://[^/]+.*)?$", ErrorMessage = "RestUrl must be an http or https URL, or empty.")]
    public string RestUrl { get; init; } = "";

    /// <summary>Where fal describes its models; only <c>catalog drift</c> reads it.</summary>
    [Required]
    [Url]
    public string SchemaUrl { get; init; } = "https://fal.ai/";

    /// <summary>Whoever sends the jobs elsewhere does not want the key and the files to go to fal.</summary>
    public Uri RestUri(string configuredBase, Uri baseUrl) => RestUrl.Length > 0 ? ToUri(RestUrl)
        : string.IsNullOrWhiteSpace(configuredBase) ? Own
        : baseUrl;

    public Uri ToSchemaUri() => ToUri(SchemaUrl);

    private static Uri ToUri(string url) => new(url.EndsWith('/') ? url : url + "/");
}
