using System.Text.Json;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Studio.State;

/// <summary>What people choose: one name, whose models differ in what they start from.</summary>
public sealed record Family(string Id, IReadOnlyList<ModelListing> Models)
{
    // A family that starts from words alone is what most requests want.
    private static readonly string[] Order =
    [
        "text-to-image", "text-to-video", "image-to-image", "image-to-video", "first-last-frame-to-video", "reference-to-video", "video-edit",
        "upscale",
    ];

    public ModelListing First => Models[0];

    public string Name => First.Name;

    public string Vendor => First.Vendor;

    public string MediaType => First.MediaType;

    public bool IsRetiring => First.Lifecycle is { Status: not "active" };

    /// <summary>The lowest price of any of its models.</summary>
    public long? From => Models.Select(model => Catalogue.FromOf(model)).Min();

    public static Family Of(string id, IEnumerable<ModelListing> models) =>
        new(id, [.. models.OrderBy(model => Array.IndexOf(Order, model.Mode) is >= 0 and var place ? place : Order.Length)]);

    /// <summary>The model that takes these files; null if none does.</summary>
    public ModelListing? Taking(int images, int videos, int sounds) => Models.FirstOrDefault(model =>
        model.Available && images <= model.MaxImages && videos <= model.MaxVideos && sounds <= model.MaxAudios
        && (images + videos + sounds > 0 || model.MaxImages + model.MaxVideos + model.MaxAudios == 0)
        && Files(model).All(file => !file.Value.Required || KindOf(file.Key) switch { "image" => images, "video" => videos, _ => sounds } > 0));

    /// <summary>The parameters of a model that are files.</summary>
    public static IEnumerable<KeyValuePair<string, ModelParameter>> Files(ModelListing model) =>
        model.Parameters.Where(parameter => KindOf(parameter.Key).Length > 0);

    /// <summary><c>image</c>, <c>video</c>, <c>audio</c>, or nothing for what is no file.</summary>
    public static string KindOf(string parameter) =>
        parameter.Contains("image_url", StringComparison.Ordinal) ? "image"
        : parameter.Contains("video_url", StringComparison.Ordinal) ? "video"
        : parameter.Contains("audio_url", StringComparison.Ordinal) ? "audio"
        : "";
}

/// <summary>The models of the server, by family.</summary>
public sealed class Catalogue(Session session) : Watched
{
    private IReadOnlyDictionary<string, ModelListing> _models = new Dictionary<string, ModelListing>();
    private string? _mode;

    public IReadOnlyList<Family> Families { get; private set; } = [];

    public async Task LoadAsync()
    {
        if (_mode == session.Mode)
        {
            return;
        }

        var models = await session.Api.ModelsAsync();
        _mode = session.Mode;
        _models = models.ToDictionary(model => model.Id);
        Families =
        [
            .. models.Where(model => model.Available).GroupBy(model => model.Family)
                .Select(group => Family.Of(group.Key, group))
                .OrderBy(family => family.IsRetiring).ThenBy(family => family.MediaType).ThenBy(family => family.Name, StringComparer.CurrentCulture),
        ];
        Tell();
    }

    public ModelListing? Model(string id) => _models.GetValueOrDefault(id);

    public Family? FamilyOf(string? id) => Families.FirstOrDefault(family => family.Id == id);

    public static long? FromOf(ModelListing model) =>
        model.Credits.ValueKind == JsonValueKind.Object && model.Credits.TryGetProperty("from", out var from) && from.TryGetInt64(out var credits)
            ? credits
            : null;
}
