using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// A catalogue file as JSON, before it means anything: shared fragments, ignored fields and models.
/// <c>"$use"</c> in any object lays that object's members over the named fragments; an operator's file is laid over
/// the embedded one the same way, model by model. A null member removes what it covers.
/// </summary>
internal sealed class CatalogSource(List<CatalogError> errors)
{
    private const string Use = "$use";
    private const int MaxNesting = 16;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
    };

    private readonly Dictionary<string, JsonObject> _fragments = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, SourceModel> _models = new(StringComparer.Ordinal);

    public HashSet<string> Ignored { get; } = new(StringComparer.Ordinal);

    /// <summary>By id, in order, with all layers merged.</summary>
    public IReadOnlyDictionary<string, SourceModel> Models => _models;

    /// <summary>Lays one file over what is there already.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="isProven">Whether a test has checked this very file, so that it need not be checked again.</param>
    public void Add(ReadOnlySpan<byte> utf8, string file, bool isProven)
    {
        var place = Place.Of(file, errors);
        if (Parse(utf8, place) is not { } root)
        {
            return;
        }

        // A model is complete only when all layers are there, and a fragment never: here they are objects, and no more.
        var fragments = Take<JsonObject>(root, "fragments", "an object", place);
        var models = Take<JsonArray>(root, "models", "an array of models", place);
        if (!isProven)
        {
            ShapeCheck.Check(root, CatalogJson.Default.CatalogFile, place);
        }

        foreach (var name in root["ignored"] as JsonArray ?? [])
        {
            Ignored.Add(name!.GetValue<string>());
        }

        AddFragments(fragments ?? [], place.At("fragments"));
        AddModels(models ?? [], place.At("models"), isProven);
    }

    private static T? Take<T>(JsonObject root, string field, string allowed, Place place)
        where T : JsonNode
    {
        if (!root.Remove(field, out var value) || value is null or T)
        {
            return value as T;
        }

        place.At(field).Refuse(ShapeCheck.Shown(value), allowed);
        return null;
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> utf8, Place place)
    {
        try
        {
            var node = JsonNode.Parse(utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8, documentOptions: Options);
            if (node is JsonObject root)
            {
                // Half a surrogate is valid JSON but not valid text; a later reader would throw.
                _ = utf8.IndexOf("\\ud"u8) >= 0 || utf8.IndexOf("\\uD"u8) >= 0 ? root.ToJsonString() : "";
                return root;
            }

            var fields = string.Join(", ", Contract.Of(CatalogJson.Default.CatalogFile).Fields.Keys);
            place.Refuse($"The file is not a JSON object. Allowed: an object with {fields}.");
        }
        catch (JsonException broken)
        {
            place.Refuse($"The file is not valid JSON. {broken.Message}");
        }
        catch (InvalidOperationException)
        {
            place.Refuse("The file has a text that is not valid Unicode. Look for a \\u escape that is half of a pair.");
        }

        return null;
    }

    private void AddFragments(JsonObject fragments, Place place)
    {
        foreach (var (name, fragment) in fragments)
        {
            if (fragment is JsonObject body)
            {
                _fragments[name] = body;
            }
            else
            {
                place.At(name).Refuse(ShapeCheck.Shown(fragment), "an object");
            }
        }
    }

    private void AddModels(JsonArray models, Place place, bool isProven)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < models.Count; i++)
        {
            var at = place.At(i);
            if (models[i] is not JsonObject written)
            {
                at.Refuse(ShapeCheck.Shown(models[i]), "an object");
                continue;
            }

            var model = Expand(written, at, 0);
            if (model["id"] is not JsonValue value || !value.TryGetValue<string>(out var id) || id.Length == 0)
            {
                at.At("id").Refuse("This field is required: the name of the model.");
            }
            else if (!seen.Add(id))
            {
                at.At("id").Refuse($"\"{id}\" is written twice in this file. Keep one of the two.");
            }
            else if (_models.TryGetValue(id, out var known))
            {
                Lay(known.Json, model);
                _models[id] = known with { IsProven = false };
            }
            else
            {
                _models.Add(id, new SourceModel(model, isProven));
            }
        }
    }

    // A new object, with nothing in it that belongs to the file or to a fragment.
    private JsonObject Expand(JsonObject written, Place place, int depth)
    {
        var result = new JsonObject();
        if (depth > MaxNesting)
        {
            place.Refuse("This is nested too deeply, or a fragment uses itself.");
            return result;
        }

        foreach (var name in Used(written[Use], place.At(Use)))
        {
            if (_fragments.TryGetValue(name, out var fragment))
            {
                Lay(result, Expand(fragment, place, depth + 1));
            }
            else
            {
                place.At(Use).RefuseName("fragment", name, _fragments.Keys);
            }
        }

        foreach (var (name, value) in written)
        {
            if (name != Use)
            {
                Lay(result, name, ExpandAny(value, place, name, depth + 1));
            }
        }

        return result;
    }

    private JsonNode? ExpandAny(JsonNode? node, Place place, string name, int depth) => node switch
    {
        JsonObject inner => Expand(inner, place.At(name), depth),
        JsonArray items => new JsonArray([.. items.Select((item, index) => ExpandAny(item, place, $"{name}[{index}]", depth + 1))]),
        _ => node?.DeepClone(),
    };

    private static IEnumerable<string> Used(JsonNode? names, Place place)
    {
        switch (names)
        {
            case null:
                return [];
            case JsonArray many:
                return [.. many.Select(name => name?.ToString() ?? "")];
            case JsonValue one:
                return [one.ToString()];
            default:
                place.Refuse(ShapeCheck.Shown(names), "a fragment's name or an array of names");
                return [];
        }
    }

    // Moves the upper object's members into the lower one.
    private static void Lay(JsonObject under, JsonObject over)
    {
        var members = over.ToArray();
        over.Clear();
        foreach (var (name, value) in members)
        {
            Lay(under, name, value);
        }
    }

    // Objects merge member by member; everything else, arrays too, replaces. Null stays so that a later layer sees it.
    private static void Lay(JsonObject under, string name, JsonNode? value)
    {
        if (value is JsonObject upper && under[name] is JsonObject lower)
        {
            Lay(lower, upper);
        }
        else
        {
            under[name] = value;
        }
    }
}

/// <summary>One model with all layers merged; a null is still there wherever it removed something.</summary>
internal sealed record SourceModel(JsonObject Json, bool IsProven);
