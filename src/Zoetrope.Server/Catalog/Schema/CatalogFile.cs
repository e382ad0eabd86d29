using System.Text.Json;
using System.Text.Json.Serialization;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>
/// A catalogue file as it is written: the one in the binary, or an operator's. Like all entries it has <c>set</c> and not <c>init</c>:
/// compiled deserialisation gives an init-only property that is not in the JSON its type's default instead of its initial value.
/// </summary>
[Field("A model catalogue, or a file that is merged over one: models are matched by id, objects merge member by member, "
    + "every other value replaces the old one, null removes it.")]
internal sealed record CatalogFile
{
    [JsonPropertyName("$schema")]
    [Field("Where the schema is; editors complete and check the file with it.")]
    public string? Schema { get; set; }

    [JsonPropertyName("$comment")]
    [Field("For people. Nothing reads it.")]
    public string? Comment { get; set; }

    [Field("Fields that every model accepts and that have no effect.")]
    public IReadOnlyList<string> Ignored { get; set; } = [];

    [Field("Parts that several models share, by name. \"$use\" in any object merges that object over them.")]
    public OrderedDictionary<string, JsonElement> Fragments { get; set; } = [];

    [Field("The models, new ones and changes to known ones.")]
    public IReadOnlyList<ModelEntry> Models { get; set; } = [];
}
