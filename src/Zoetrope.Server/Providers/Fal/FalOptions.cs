using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>Section <c>Zoetrope:Fal</c>: what only fal has.</summary>
internal sealed class FalOptions
{
    /// <summary>Where fal keeps files and publishes the keys of its webhooks.</summary>
    [Required]
    [Url]
    public string RestUrl { get; init; } = "https://rest.fal.ai/";

    public Uri ToRestUri() => new(RestUrl.EndsWith('/') ? RestUrl : RestUrl + "/");
}
