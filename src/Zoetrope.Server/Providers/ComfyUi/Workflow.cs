using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>
/// A graph in ComfyUI's API form, the names of the places in it that a request fills, and the nodes whose files are the result:
/// <c>{"workflow": {…}, "inputs": {"prompt": "6.inputs.text", "seed": ["3.inputs.seed", "12.inputs.noise_seed"]}, "output": "9"}</c>.
/// A place that a request says nothing about keeps the graph's own value; <c>seed</c> alone is then chosen anew, because the
/// same graph twice is answered from ComfyUI's cache.
/// </summary>
internal sealed class Workflow
{
    public const string Seed = "seed";
    private const string InputsMark = ".inputs.";
    private readonly JsonObject _graph;
    private readonly FrozenDictionary<string, ImmutableArray<WorkflowPlace>> _inputs;

    private Workflow(JsonObject graph, FrozenDictionary<string, ImmutableArray<WorkflowPlace>> inputs, ImmutableArray<string> outputs) =>
        (_graph, _inputs, Outputs) = (graph, inputs, outputs);

    /// <summary>The nodes whose files are the result.</summary>
    public ImmutableArray<string> Outputs { get; }

    public bool Takes(string input) => _inputs.ContainsKey(input);

    /// <summary>Whether this place holds a request's value: then a refused value is the request's fault.</summary>
    public bool Fills(string node, string input) => _inputs.Values.Any(places => places.Contains(new WorkflowPlace(node, input)));

    /// <summary>The graph with these values in their places.</summary>
    public JsonObject Fill(JsonObject values)
    {
        var graph = (JsonObject)_graph.DeepClone();
        foreach (var (name, value) in values)
        {
            foreach (var place in _inputs[name])
            {
                graph[place.Node]!["inputs"]![place.Input] = value?.DeepClone();
            }
        }

        return graph;
    }

    /// <summary>The file's faults, none where <paramref name="workflow"/> can be used.</summary>
    public static IReadOnlyList<string> Read(string name, ReadOnlySpan<byte> json, out Workflow? workflow)
    {
        workflow = null;
        JsonNode? file;
        try
        {
            file = JsonNode.Parse(
                json,
                documentOptions: new JsonDocumentOptions
                {
                    CommentHandling = JsonCommentHandling.Skip,
                    AllowTrailingCommas = true,
                    AllowDuplicateProperties = false,
                });
        }
        catch (JsonException exception)
        {
            return [$"{name}: {exception.Message}"];
        }

        var faults = new List<string>();
        workflow = file is JsonObject root ? Read(root, faults) : null;
        if (file is not JsonObject)
        {
            faults.Add("is not a JSON object");
        }

        return [.. faults.Select(fault => $"{name}: {fault}")];
    }

    private static Workflow? Read(JsonObject root, List<string> faults)
    {
        faults.AddRange(root.Select(member => member.Key).Where(key => key is not ("workflow" or "inputs" or "output" or "$comment"))
            .Select(key => $"'{key}' is not a field of a workflow file; the fields are workflow, inputs, output and $comment"));
        if (root["workflow"] is not JsonObject { Count: > 0 } graph)
        {
            faults.Add("'workflow' must be a graph in API form: an object of nodes by id");
            return null;
        }

        if (graph["nodes"] is JsonArray)
        {
            faults.Add("'workflow' is in the editor's format; export it in ComfyUI with File → Export (API)");
            return null;
        }

        faults.AddRange(
            graph.Where(
                node => node.Value is not JsonObject || node.Value["class_type"] is not JsonValue || node.Value["inputs"] is not JsonObject)
            .Select(node => $"node {node.Key} needs a class_type and inputs"));
        if (faults.Count > 0)
        {
            return null;
        }

        var inputs = ReadInputs(root["inputs"], graph, faults);
        var outputs = ReadOutputs(root["output"], graph, faults);
        return faults.Count == 0 ? new Workflow(graph, inputs, outputs) : null;
    }

    private static FrozenDictionary<string, ImmutableArray<WorkflowPlace>> ReadInputs(JsonNode? node, JsonObject graph, List<string> faults)
    {
        var inputs = new Dictionary<string, ImmutableArray<WorkflowPlace>>(StringComparer.Ordinal);
        if (node is not JsonObject { Count: > 0 } members)
        {
            faults.Add("'inputs' must name the places that a request fills, as in {\"prompt\": \"6.inputs.text\"}");
            return inputs.ToFrozenDictionary();
        }

        foreach (var (name, value) in members)
        {
            var paths = Texts(value);
            if (paths.Count == 0)
            {
                faults.Add($"inputs.{name} must be a place such as \"6.inputs.text\", or an array of places");
            }

            inputs[name] = [.. paths.Select(path => ReadPlace(name, path, graph, faults)).OfType<WorkflowPlace>()];
        }

        return inputs.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static WorkflowPlace? ReadPlace(string name, string path, JsonObject graph, List<string> faults)
    {
        var mark = path.IndexOf(InputsMark, StringComparison.Ordinal);
        if (mark <= 0 || mark + InputsMark.Length == path.Length)
        {
            faults.Add($"inputs.{name} is '{path}'; write node.inputs.name, as in \"6.inputs.text\"");
            return null;
        }

        var place = new WorkflowPlace(path[..mark], path[(mark + InputsMark.Length)..]);
        if (graph[place.Node] is not { } target)
        {
            faults.Add($"inputs.{name}: node {place.Node} does not exist");
            return null;
        }

        var given = target["inputs"]!.AsObject();
        if (!given.TryGetPropertyValue(place.Input, out var now))
        {
            faults.Add(
                $"inputs.{name}: node {place.Node} ({target["class_type"]}) has no input '{place.Input}'; "
                + $"it has {string.Join(", ", given.Select(input => input.Key))}");
        }
        else if (now is JsonArray)
        {
            faults.Add($"inputs.{name}: input '{place.Input}' of node {place.Node} comes from another node; name that node's input");
        }

        return place;
    }

    private static ImmutableArray<string> ReadOutputs(JsonNode? node, JsonObject graph, List<string> faults)
    {
        var outputs = Texts(node);
        if (outputs.Count == 0)
        {
            faults.Add("'output' must be the id of the node that saves the result, or an array of ids");
        }

        faults.AddRange(outputs.Where(id => !graph.ContainsKey(id)).Select(id => $"output: node {id} does not exist"));
        return [.. outputs];
    }

    // A string, or an array of nothing but strings; otherwise none.
    private static List<string> Texts(JsonNode? node)
    {
        var values = node is JsonArray array ? [.. array] : new List<JsonNode?> { node };
        var texts = values.OfType<JsonValue>()
            .Where(value => value.GetValueKind() is JsonValueKind.String)
            .Select(value => value.GetValue<string>())
            .ToList();
        return texts.Count == values.Count ? texts : [];
    }
}

/// <summary>One input of one node.</summary>
internal readonly record struct WorkflowPlace(string Node, string Input);
