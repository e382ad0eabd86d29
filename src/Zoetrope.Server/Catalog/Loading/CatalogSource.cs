using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// A catalogue file as JSON, before it means anything: shared fragments, ignored fields and models.
/// <c>"$use"</c> in any object lays that object's members over the named fragments; an operator's file is laid over
/// the embedded one the same way, model by model. A null member removes what it covers.
/// </summary>
internal sealed class CatalogSource
{
    private const string Use = "$use";
    private const int MaxNesting = 16;

    private static readonly string[] Sections = ["$comment", "fragments", "ignored", "models"];

    private readonly Dictionary<string, JsonObject> _fragments = new(StringComparer.Ordinal);
    private readonly List<(string Id, JsonObject Model)> _models = [];

    public HashSet<string> Ignored { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Id, JsonObject Model)> Models => _models;

    /// <summary>Lays one file over what is there already.</summary>
    public void Add(ReadOnlySpan<byte> utf8, string file, List<CatalogError> errors)
    {
        if (Parse(utf8, file, errors) is not { } root)
        {
            return;
        }

        foreach (var (name, _) in root)
        {
            if (!Sections.Contains(name))
            {
                var nearest = EditDistance.Nearest(name, Sections);
                errors.Add($"{file}: {name}: unknown field{(nearest is null ? "" : $"; did you mean {nearest}?")} Allowed: {string.Join(", ", Sections)}");
            }
        }

        AddFragments(root["fragments"], file, errors);
        foreach (var name in root["ignored"] as JsonArray ?? [])
        {
            Ignored.Add(name?.ToString() ?? "");
        }

        if (root["models"] is { } models and not JsonArray)
        {
            errors.Add($"{file}: models: is {NodeReader.Shown(models)}; allowed: an array of models");
        }

        AddModels(root["models"] as JsonArray ?? [], file, errors);
    }

    private static JsonObject? Parse(ReadOnlySpan<byte> utf8, string file, List<CatalogError> errors)
    {
        try
        {
            var options = new JsonDocumentOptions
            {
                AllowDuplicateProperties = false,
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
            };
            if (utf8.StartsWith("\uFEFF"u8))
            {
                utf8 = utf8[3..];
            }

            if (JsonNode.Parse(utf8, documentOptions: options) is JsonObject root)
            {
                return root;
            }

            errors.Add($"{file}: is no JSON object; allowed: an object with {string.Join(", ", Sections)}");
        }
        catch (JsonException broken)
        {
            errors.Add($"{file}: is no valid JSON: {broken.Message}");
        }

        return null;
    }

    private void AddFragments(JsonNode? fragments, string file, List<CatalogError> errors)
    {
        foreach (var (name, fragment) in fragments as JsonObject ?? [])
        {
            if (fragment is JsonObject body)
            {
                _fragments[name] = body;
            }
            else
            {
                errors.Add($"{file}: fragments.{name}: allowed: an object");
            }
        }
    }

    private void AddModels(JsonArray models, string file, List<CatalogError> errors)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < models.Count; i++)
        {
            var place = $"{file}: models[{i}]";
            if (models[i] is not JsonObject written || Expand(written, place, 0, errors) is not JsonObject model)
            {
                errors.Add($"{place}: allowed: an object");
                continue;
            }

            var id = model["id"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
            if (id.Length == 0)
            {
                errors.Add($"{place}.id: is required");
                continue;
            }

            if (!seen.Add(id))
            {
                errors.Add($"{place}.id: \"{id}\" is written twice in this file");
                continue;
            }

            var index = _models.FindIndex(known => known.Id == id);
            if (index < 0)
            {
                _models.Add((id, model));
            }
            else
            {
                _models[index] = (id, Overlay(_models[index].Model, model));
            }
        }
    }

    private JsonNode? Expand(JsonNode? node, string place, int depth, List<CatalogError> errors)
    {
        if (depth > MaxNesting)
        {
            errors.Add($"{place}: is nested too deeply, or a fragment uses itself");
            return null;
        }

        if (node is JsonArray array)
        {
            return new JsonArray([.. array.Select((item, index) => Expand(item, $"{place}[{index}]", depth + 1, errors))]);
        }

        if (node is not JsonObject written)
        {
            return node?.DeepClone();
        }

        var result = new JsonObject();
        foreach (var name in Used(written, place, errors))
        {
            if (!_fragments.TryGetValue(name, out var fragment))
            {
                var nearest = EditDistance.Nearest(name, _fragments.Keys);
                errors.Add($"{place}.{Use}: there is no fragment \"{name}\"{(nearest is null ? "" : $"; did you mean {nearest}?")}");
            }
            else if (Expand(fragment, place, depth + 1, errors) is JsonObject expanded)
            {
                result = Overlay(result, expanded);
            }
        }

        var own = new JsonObject();
        foreach (var (name, value) in written)
        {
            if (name != Use)
            {
                own[name] = Expand(value, $"{place}.{name}", depth + 1, errors);
            }
        }

        return Overlay(result, own);
    }

    private static IEnumerable<string> Used(JsonObject written, string place, List<CatalogError> errors)
    {
        switch (written[Use])
        {
            case null:
                return [];
            case JsonArray many:
                return [.. many.Select(name => name?.ToString() ?? "")];
            case JsonValue one:
                return [one.ToString()];
            default:
                errors.Add($"{place}.{Use}: allowed: a fragment's name or an array of names");
                return [];
        }
    }

    // Objects merge member by member; everything else, arrays too, replaces. Null stays so that a later layer sees it.
    private static JsonObject Overlay(JsonObject under, JsonObject over)
    {
        var result = (JsonObject)under.DeepClone();
        foreach (var (name, value) in over)
        {
            result[name] = value is JsonObject upper && result[name] is JsonObject lower
                ? Overlay(lower, upper)
                : value?.DeepClone();
        }

        return result;
    }
}
