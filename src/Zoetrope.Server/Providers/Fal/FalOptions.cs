using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>Section <c>Zoetrope:Fal</c>: what only fal has.</summary>
internal sealed class FalOptions
{
    /// <summary>Where fal keeps files and publishes the keys of its webhooks.</summary>
    [Required]
    [Url]
    public string RestUrl { get; init; } = "https://rest.fal.ai/";

    /// <summary>Where fal describes its models; only <c>catalog drift</c> reads it.</summary>
    [Required]
    [Url]
    public string SchemaUrl { get; init; } = "https://fal.ai/";

    public Uri ToRestUri() => ToUri(RestUrl);

    public Uri ToSchemaUri() => ToUri(SchemaUrl);

    private static Uri ToUri(string url) => new(url.EndsWith('/') ? url : url + "/");
}
