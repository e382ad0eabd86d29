using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes.Transforms;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads <c>transforms</c>: a word of <see cref="Transform.Words"/>, or a map of values; for the prompt a map of marks.</summary>
internal sealed class RouteTransformReader(RouteEntry entry, RoutedModel model, RouteFaults faults)
{
    private const string Section = "transforms";

    private readonly Dictionary<string, JsonElement> _written = entry.Transforms.ToDictionary();
    private readonly RouteMapReader _maps = new(faults);

    /// <summary>A transform belongs to a member of <c>params</c>, written the same way.</summary>
    public void CheckKeys()
    {
        var fields = (entry.Params ?? []).Select(field => field.Key).ToList();
        var isStar = fields.Contains("*");
        foreach (var (key, _) in entry.Transforms)
        {
            var unknown = key.Split('+').Where(name => name != RouteReach.Prompt && model.Find(name) is null).ToList();
            foreach (var name in unknown.Where(name => !model.LaidAside.Contains(name)))
            {
                faults.UnknownParameter(Section, key, name, model, RouteReach.Prompt);
            }

            if (unknown.Count == 0 && !fields.Contains(key) && !(isStar && !key.Contains('+', StringComparison.Ordinal)))
            {
                faults.Add(Section, key, key, $"no field of params is \"{key}\", so its transform would do nothing", fields);
            }
        }
    }

    public FileMarks? Marks()
    {
        if (!_written.TryGetValue(RouteReach.Prompt, out var written))
        {
            return null;
        }

        if (written.ValueKind is not JsonValueKind.Object)
        {
            faults.Add(
                Section,
                RouteReach.Prompt,
                RouteFaults.WordOf(written),
                $"{written.GetRawText()} does not fit the prompt; write a map of marks for files, such as {{\"@Image\": \"Image {{n}}\"}}");
            return null;
        }

        var forms = new Dictionary<string, FileMarks.Form>();
        foreach (var mark in written.EnumerateObject())
        {
            if (!FileMarks.Ours.Contains(mark.Name))
            {
                faults.Add(Section, RouteReach.Prompt, mark.Name, $"\"{mark.Name}\" is not a mark for files", FileMarks.Ours);
            }
            else if (mark.Value.ValueKind is JsonValueKind.String && FileMarks.Form.Parse(mark.Value.GetString()!) is { } form)
            {
                forms[mark.Name] = form;
            }
            else
            {
                faults.Add(
                    Section,
                    RouteReach.Prompt,
                    RouteFaults.WordOf(mark.Value),
                    $"{mark.Value.GetRawText()} must be a text with {{n}} (counting from 1) or {{i}} (from 0) once");
            }
        }

        return new FileMarks(forms.ToFrozenDictionary());
    }

    /// <summary>The transform of the values of one parameter, or of two.</summary>
    public Transform Of(string ours, IReadOnlyList<ParameterSpec> parameters)
    {
        if (!_written.TryGetValue(ours, out var written))
        {
            return parameters.Count == 1 ? Transform.None : Transform.Words["width-x-height"];
        }

        if (written.ValueKind is JsonValueKind.Object)
        {
            return parameters.Count == 1
                ? _maps.Read(ours, written, parameters[0])
                : _maps.ReadPairs(ours, written, parameters[0], parameters[1]);
        }

        var word = RouteFaults.WordOf(written);
        if (written.ValueKind is not JsonValueKind.String || !Transform.Words.TryGetValue(word, out var transform))
        {
            if (word == Transform.OneOrMany)
            {
                faults.Add(Section, ours, word, $"\"{word}\" is for files, and {ours} holds none");
            }
            else
            {
                string[] words = [.. Transform.Words.Keys.Order(StringComparer.Ordinal), Transform.OneOrMany];
                faults.Add(Section, ours, word, $"{written.GetRawText()} is not a transform; write a map of values or a word", words);
            }

            return Transform.None;
        }

        if (Misfit(transform, parameters) is { } misfit)
        {
            faults.Add(Section, ours, word, $"\"{word}\" does not fit {ours}: {misfit}");
        }

        return transform;
    }

    public bool IsOneOrMany(ParameterSpec files)
    {
        if (!_written.TryGetValue(files.Name, out var written))
        {
            return false;
        }

        var word = RouteFaults.WordOf(written);
        if (word != Transform.OneOrMany)
        {
            faults.Add(Section, files.Name, word, $"{written.GetRawText()} is not a transform of files", [Transform.OneOrMany]);
        }

        return true;
    }

    /// <summary>Whether the vendor gets a text for each value.</summary>
    public bool IsText(RouteSource.Value source) => source.Transform switch
    {
        AsIs => IsText(source.First),
        ValueMap map => IsText(source.First) && map.Values.Values.All(IsText),
        PairMap map => map.Values.Values.All(IsText),
        TextToNumber or SizeObject or ItemList => false,
        _ => true,
    };

    private bool IsText(string parameter) => model.Find(parameter)!.Type is ParameterType.String;

    private static bool IsText(JsonNode? value) => value?.GetValueKind() is JsonValueKind.String;

    private static string? Misfit(Transform transform, IReadOnlyList<ParameterSpec> parameters)
    {
        var type = parameters[0].Type;
        return transform switch
        {
            SizeText or SizeObject => null,
            _ when parameters.Count > 1 => "two parameters together need width-x-height, width-height or a map",
            DecimalString or SecondsSuffix => type is ParameterType.Integer or ParameterType.Number ? null : "it needs a number",
            LowerCase or UpperCase => type is ParameterType.String ? null : "it needs a text",
            TextToNumber => type is ParameterType.Integer or ParameterType.Number
                || (!parameters[0].Values.IsEmpty && parameters[0].Values.All(IsNumber))
                ? null
                : "it needs a number, or a text whose values are all numbers",
            ItemList => type is ParameterType.ObjectArray ? null : "it needs a list of objects",
            _ => type is ParameterType.ObjectArray or ParameterType.StringArray ? null : "it needs a list",
        };
    }

    private static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out _);
}
