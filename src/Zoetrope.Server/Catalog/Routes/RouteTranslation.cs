using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>
/// Says a request in a vendor's words, as the catalogue's route lays down. The words of a route's <c>transforms</c>:
/// <c>decimal-string</c> 8 → "8" · <c>seconds-suffix</c> 8 → "8s" · <c>lower-case</c> · <c>upper-case</c> · <c>number</c> "2" → 2 ·
/// <c>width-x-height</c> "1280x720" · <c>width-height</c> {"width", "height"} · <c>shots</c>, <c>numbered-shots</c> and <c>shots-text</c>
/// (as a JSON text) for Kling's multi_prompt · <c>one-or-many</c> one file as itself, several as an array · an object maps values,
/// two levels deep for combined parameters; for <c>prompt</c> it maps the marks of files: <c>{"@Image": "Image {n}"}</c>, with
/// <c>{i}</c> for a vendor that counts from 0. A null in a map leaves the field out.
/// </summary>
internal static partial class RouteTranslation
{
    /// <summary>A field whose value becomes a part of the vendor's model id.</summary>
    public const string ModelField = "<model>";

    /// <summary>Marks a parameter that no vendor's field says and that holds all the same: the result is brought into this form when it is stored.</summary>
    public const string ResultField = "<result>";

    /// <summary>Everything of a request but its files, in the vendor's words.</summary>
    public static TranslatedRequest Translate(RouteSpec route, string prompt, JsonElement parameters, OutputSpec output)
    {
        var model = route.Model;
        var fields = new List<TranslatedField>();
        var text = TranslatePrompt(route, prompt);
        foreach (var field in route.Params)
        {
            if (field.Path is null or ResultField)
            {
                continue;
            }

            if (field.Ours == "prompt")
            {
                if (text.Length > 0)
                {
                    fields.Add(new TranslatedField(field.Ours, field.Path, JsonValue.Create(text)));
                }

                continue;
            }

            if (field.Ours == RouteField.Others)
            {
                fields.AddRange(parameters.EnumerateObject().Where(parameter => parameter.Value.ValueKind is not JsonValueKind.Null && !route.Names(parameter.Name))
                    .Select(parameter => new TranslatedField(field.Ours, $"{field.Path}.{parameter.Name}", Node(parameter.Value)!)));
                continue;
            }

            if (Value(route, field, parameters, output) is not { } value)
            {
                continue;
            }

            if (field.Path == ModelField)
            {
                model = model.Replace($"{{{field.Ours}}}", value.GetValue<string>(), StringComparison.Ordinal);
            }
            else if (field.Path == "width+height")
            {
                fields.Add(new TranslatedField(field.Ours, "width", JsonValue.Create(output.Width)));
                fields.Add(new TranslatedField(field.Ours, "height", JsonValue.Create(output.Height)));
            }
            else
            {
                fields.Add(new TranslatedField(field.Ours, field.Path, value));
            }
        }

        return new TranslatedRequest(model, text, fields);
    }

    /// <summary>Writes the whole request: fields, files and the route's fixed values, in the catalogue's order.</summary>
    /// <param name="body">The vendor's request.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="file">How this vendor takes a file: a URL, a data URI, an object.</param>
    public static TranslatedRequest Write(JsonObject body, ProviderRequest request, Func<ProviderInput, JsonNode> file)
    {
        var translated = Translate(request.Route, request.Prompt, request.Parameters, request.Output);
        var fields = translated.Fields.ToLookup(field => field.Ours);
        foreach (var field in request.Route.Params)
        {
            foreach (var known in fields[field.Ours])
            {
                FieldPath.Set(body, known.Path, known.Value.DeepClone());
            }

            WriteFiles(body, request, field, file);
        }

        foreach (var (path, value) in request.Route.Fixed)
        {
            FieldPath.Set(body, path, JsonNode.Parse(value.GetRawText()));
        }

        return translated;
    }

    /// <summary>The input files that a field of the route takes, with their place among the files of their parameter.</summary>
    public static IEnumerable<(ProviderInput Input, int Number)> FilesOf(ProviderRequest request, RouteField field)
    {
        var (parameter, element) = Split(field.Ours);
        var files = request.Inputs.Where(input => input.Parameter == parameter).Select((input, index) => (Input: input, Number: index + 1)).ToList();
        return element switch
        {
            null => files,
            "" => files.Where(item => !request.Route.Params.Any(other => other.Ours == $"{parameter}[{item.Number - 1}]")),
            _ => files.Where(item => item.Number - 1 == int.Parse(element, NumberStyles.None, CultureInfo.InvariantCulture)),
        };
    }

    /// <summary><c>image_urls[0]</c> is (<c>image_urls</c>, <c>0</c>); without brackets the element is null.</summary>
    public static (string Parameter, string? Element) Split(string ours)
    {
        var bracket = ours.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? (ours, null) : (ours[..bracket], ours[(bracket + 1)..^1]);
    }

    private static void WriteFiles(JsonObject body, ProviderRequest request, RouteField field, Func<ProviderInput, JsonNode> file)
    {
        if (field.Path is not { } path)
        {
            return;
        }

        if (field.Ours == RouteField.Others)
        {
            foreach (var unnamed in request.Inputs.Select(input => input.Parameter).Distinct().Where(parameter => !request.Route.Names(parameter)))
            {
                WriteFiles(body, request, new RouteField(unnamed, $"{path}.{unnamed}"), file);
            }

            return;
        }

        var files = FilesOf(request, field).ToList();
        if (files.Count == 0)
        {
            return;
        }

        var (parameter, element) = Split(field.Ours);
        if (element is not null)
        {
            foreach (var (input, number) in files)
            {
                FieldPath.Set(body, path, file(input), number);
            }

            return;
        }

        var single = parameter.EndsWith("_url", StringComparison.Ordinal) || (files.Count == 1 && Word(request.Route, field.Ours) == "one-or-many");
        FieldPath.Set(body, path, single ? file(files[0].Input) : new JsonArray([.. files.Select(item => file(item.Input))]));
    }

    private static JsonNode? Value(RouteSpec route, RouteField field, JsonElement parameters, OutputSpec output)
    {
        var names = field.Ours.Split('+');
        var values = names.Select(name => parameters.At(name)).ToList();
        if (values.All(value => value is null or { ValueKind: JsonValueKind.Null }))
        {
            return null;
        }

        if (!route.Transforms.TryGetValue(field.Ours, out var transform))
        {
            return names.Length == 1 ? Node(values[0]!.Value) : JsonValue.Create(SizeText(output));
        }

        if (transform.ValueKind is JsonValueKind.Object)
        {
            return Mapped(transform, values);
        }

        var value = values[0] ?? default;
        return transform.GetString() switch
        {
            "decimal-string" => JsonValue.Create(TextOf(value)),
            "seconds-suffix" => JsonValue.Create(TextOf(value) + "s"),
            "lower-case" => JsonValue.Create(TextOf(value).ToLowerInvariant()),
            "upper-case" => JsonValue.Create(TextOf(value).ToUpperInvariant()),
            "number" => JsonValue.Create(decimal.Parse(TextOf(value), CultureInfo.InvariantCulture)),
            "width-x-height" => JsonValue.Create(SizeText(output)),
            "width-height" => new JsonObject { ["width"] = output.Width, ["height"] = output.Height },
            "shots" => Shots(value, numbered: false),
            "numbered-shots" => Shots(value, numbered: true),
            "shots-text" => JsonValue.Create(value.GetRawText()),
            "one-or-many" => null,
            var word => throw new InvalidOperationException($"The route {route.Provider}/{route.Model} transforms {field.Ours} by '{word}', which is no word of the catalogue."),
        };
    }

    private static JsonNode? Mapped(JsonElement map, List<JsonElement?> values)
    {
        var current = map;
        for (var i = 0; i < values.Count; i++)
        {
            var key = values[i] is { } value ? TextOf(value) : "";
            if (!current.TryGetProperty(key, out current))
            {
                // A map names only what differs; of a combination nothing is left to pass on.
                return i == 0 && values.Count == 1
                    ? Node(values[0]!.Value)
                    : throw new InvalidOperationException($"The route has no value for '{key}'.");
            }
        }

        return Node(current);
    }

    private static JsonArray Shots(JsonElement shots, bool numbered)
    {
        var list = new JsonArray();
        foreach (var shot in shots.EnumerateArray())
        {
            var item = new JsonObject();
            if (numbered)
            {
                item["index"] = list.Count + 1;
            }

            item["prompt"] = shot.TextAt("prompt");
            if (shot.TextAt("duration") is { } duration)
            {
                item["duration"] = duration;
            }

            list.Add(item);
        }

        return list;
    }

    private static string TranslatePrompt(RouteSpec route, string prompt)
    {
        if (!route.Transforms.TryGetValue("prompt", out var marks) || marks.ValueKind is not JsonValueKind.Object)
        {
            return prompt;
        }

        return FileMark().Replace(prompt, match => marks.TryGetProperty(match.Groups["kind"].Value, out var form)
            ? Numbered(form.GetString()!, match.Groups["n"].Value)
            : match.Value);
    }

    private static string Numbered(string form, string number) => form
        .Replace("{n}", number, StringComparison.Ordinal)
        .Replace("{i}", int.TryParse(number, CultureInfo.InvariantCulture, out var n) ? (n - 1).ToString(CultureInfo.InvariantCulture) : number, StringComparison.Ordinal);

    private static string? Word(RouteSpec route, string ours) =>
        route.Transforms.TryGetValue(ours, out var transform) && transform.ValueKind is JsonValueKind.String ? transform.GetString() : null;

    private static string SizeText(OutputSpec output) => string.Create(CultureInfo.InvariantCulture, $"{output.Width}x{output.Height}");

    private static string TextOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static JsonNode? Node(JsonElement value) => JsonNode.Parse(value.GetRawText());

    [GeneratedRegex("(?<kind>@Image|@Video|@Audio)(?<n>[0-9]+)")]
    private static partial Regex FileMark();
}

/// <summary>A request in a vendor's words, without its files.</summary>
/// <param name="Model">The vendor's model id, complete.</param>
/// <param name="Prompt">With the vendor's marks for files.</param>
/// <param name="Fields">In the catalogue's order.</param>
internal sealed record TranslatedRequest(string Model, string Prompt, IReadOnlyList<TranslatedField> Fields);

internal sealed record TranslatedField(string Ours, string Path, JsonNode Value);
