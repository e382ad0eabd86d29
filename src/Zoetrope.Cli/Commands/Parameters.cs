using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Cli.Media;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary>
/// A model's parameters on the command line: <c>--set</c> for any, short options for the usual ones, files for its inputs.
/// </summary>
internal sealed class Parameters
{
    private readonly Option<string[]> _set = new("--set", "-s")
    {
        Description = "A parameter of the model, such as seed=7; @file uploads a file; the same key twice makes a list",
        HelpName = "key=value",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _aspect = new("--aspect-ratio", "-a") { Description = "The ratio, such as 16:9", HelpName = "ratio" };
    private readonly Option<string?> _resolution = new("--resolution", "-r")
    {
        Description = "The resolution, such as 720p or 2K",
        HelpName = "name",
    };

    private readonly Option<string?> _duration = new("--duration", "-d")
    {
        Description = "The length of a video in seconds",
        HelpName = "seconds",
    };

    private readonly Dictionary<string, Option<string[]>> _inputs = new()
    {
        ["image"] = Input("--image", "-i", "An input image: a file or a URL; repeatable"),
        ["video"] = Input("--video", "-v", "An input video: a file or a URL"),
        ["audio"] = Input("--audio", null, "An input sound: a file or a URL"),
    };

    /// <summary>Which kinds of inputs were given.</summary>
    public IReadOnlyCollection<string> Kinds(Invocation invocation) =>
        [.. _inputs.Where(input => invocation.Value(input.Value).Length > 0).Select(input => input.Key)];

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _set, _aspect, _resolution, _duration }.Concat(_inputs.Values))
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether the model's description is needed to read them.</summary>
    public bool AreGiven(Invocation invocation) => invocation.Value(_set).Length > 0 || Kinds(invocation).Count > 0;

    /// <summary>Uploads the files that are named and puts everything together.</summary>
    public async Task<GenerateRequest> ReadAsync(Invocation invocation, string modelId, ModelListing? model, string? prompt)
    {
        var given = new Dictionary<string, List<JsonNode>>();
        Add(given, "aspect_ratio", invocation.Value(_aspect));
        Add(given, "resolution", invocation.Value(_resolution));
        Add(given, "duration", invocation.Value(_duration));
        foreach (var pair in invocation.Value(_set))
        {
            var (key, value) = Pair(pair);
            Values(given, key).Add(value.StartsWith('@') ? await InputFiles.ResolveAsync(invocation, value[1..]) : Value(value));
        }

        foreach (var (kind, option) in _inputs)
        {
            foreach (var source in invocation.Value(option))
            {
                Values(given, FileParameter(model, modelId, kind)).Add(await InputFiles.ResolveAsync(invocation, source));
            }
        }

        return new GenerateRequest
        {
            Model = modelId,
            Prompt = prompt,
            Input = given.ToDictionary(
                pair => pair.Key, pair => Element(pair.Value, isList: model?.Parameters.GetValueOrDefault(pair.Key)?.Type == "array")),
        };
    }

    private static Option<string[]> Input(string name, string? alias, string description) =>
        new(name, alias is null ? [] : [alias]) { Description = description, HelpName = "file" };

    private static (string Key, string Value) Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? (text[..equals], text[(equals + 1)..])
            : throw CliException.Usage(
                $"--set {text}: It must have the form key=value.", "zoetrope models <id> lists the parameters of a model");
    }

    /// <summary>JSON where it is some, otherwise text: the server reads "10" as a number where one is wanted.</summary>
    private static JsonNode Value(string text)
    {
        if (text is "true" or "false" || text.StartsWith('{') || text.StartsWith('[') || text.StartsWith('"'))
        {
            try
            {
                return JsonNode.Parse(text)!;
            }
            catch (JsonException)
            {
                // A text that begins like JSON is a text.
            }
        }

        return JsonValue.Create(text);
    }

    private static string FileParameter(ModelListing? model, string modelId, string kind)
    {
        if (model is null)
        {
            throw CliException.Usage(
                $"The catalogue has no model {modelId}, so its {kind} cannot be assigned to a parameter.",
                "zoetrope models lists the models");
        }

        return CatalogSearch.FileParameters(model, kind).FirstOrDefault()
            ?? throw CliException.Usage($"{model.Id} accepts no {kind}.", $"zoetrope models {model.Id} lists what it accepts");
    }

    private static List<JsonNode> Values(Dictionary<string, List<JsonNode>> given, string key)
    {
        if (!given.TryGetValue(key, out var values))
        {
            given[key] = values = [];
        }

        return values;
    }

    private static void Add(Dictionary<string, List<JsonNode>> given, string key, string? value)
    {
        if (value is not null)
        {
            Values(given, key).Add(value);
        }
    }

    private static JsonElement Element(List<JsonNode> values, bool isList)
    {
        var single = values.Count == 1 && (!isList || values[0] is JsonArray);
        return JsonSerializer.SerializeToElement(single ? values[0] : new JsonArray([.. values]), CliJson.Default.JsonNode);
    }
}
