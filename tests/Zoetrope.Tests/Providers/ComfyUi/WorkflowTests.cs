using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.ComfyUi;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.ComfyUi;

public sealed class WorkflowTests : IDisposable
{
    private const string Graph = """{"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}}, "57:9": {"class_type": "SaveImage", "inputs": {"seed": 1}}}""";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("[]", "w.json: is not a JSON object")]
    [InlineData("{\"workflow\": ", "w.json: ")]
    [InlineData("""{"inputs": {}, "output": "9"}""", "'workflow' must be a graph in API form")]
    [InlineData("""{"workflow": {"nodes": [], "links": []}, "inputs": {"a": "1.inputs.b"}, "output": "9"}""", "export it in ComfyUI with File → Export (API)")]
    [InlineData("""{"workflow": {"1": {"inputs": {}}}, "inputs": {"a": "1.inputs.b"}, "output": "1"}""", "node 1 needs a class_type and inputs")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.text"}, "output": "57:9"}""", "inputs.prompt is '6.text'; write node.inputs.name")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "7.inputs.text"}, "output": "57:9"}""", "inputs.prompt: node 7 does not exist")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.inputs.txt"}, "output": "57:9"}""", "node 6 (CLIPTextEncode) has no input 'txt'; it has text, clip")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.inputs.clip"}, "output": "57:9"}""", "comes from another node")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": 6}, "output": "57:9"}""", "inputs.prompt must be a place")]
    [InlineData("""{"workflow": GRAPH, "inputs": {}, "output": "57:9"}""", "'inputs' must name the places")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.inputs.text"}, "output": "8"}""", "output: node 8 does not exist")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.inputs.text"}}""", "'output' must be the id of the node")]
    [InlineData("""{"workflow": GRAPH, "inputs": {"prompt": "6.inputs.text"}, "output": "57:9", "outputs": "8"}""", "'outputs' is not a field of a workflow file")]
    public void A_mistake_is_named(string json, string told) =>
        Assert.Contains(Workflow.Read("w.json", Encoding.UTF8.GetBytes(json.Replace("GRAPH", Graph, StringComparison.Ordinal)), out _), fault => fault.Contains(told, StringComparison.Ordinal));

    [Fact]
    public void A_value_goes_to_every_place_of_its_name_and_the_file_stays_as_it_was()
    {
        var json = $$"""{"$comment": "x", "workflow": {{Graph}}, "inputs": {"prompt": ["6.inputs.text", "57:9.inputs.seed"]}, "output": ["57:9"]}""";
        Assert.Empty(Workflow.Read("w.json", Encoding.UTF8.GetBytes(json), out var workflow));

        var filled = workflow!.Fill(new JsonObject { ["prompt"] = "a fox" });

        Assert.Equal(("a fox", "a fox"), (filled["6"]!["inputs"]!["text"]!.GetValue<string>(), filled["57:9"]!["inputs"]!["seed"]!.GetValue<string>()));
        Assert.Equal("", workflow.Fill([])["6"]!["inputs"]!["text"]!.GetValue<string>());
        Assert.True(workflow.Fills("57:9", "seed"));
        Assert.False(workflow.Fills("6", "clip"));
    }

    [Fact]
    public void Every_fault_of_every_file_stops_the_start()
    {
        File.WriteAllText(_directory.File("a.json"), "{}");
        File.WriteAllText(_directory.File("b.json"), $$"""{"workflow": {{Graph}}, "inputs": {"prompt": "7.inputs.text"}, "output": "8"}""");

        var told = Assert.Throws<InvalidOperationException>(new WorkflowFolder(_directory.Path).CheckAll).Message;

        Assert.Contains("a.json: 'workflow'", told);
        Assert.Contains("b.json: inputs.prompt: node 7 does not exist; b.json: output: node 8 does not exist", told);
    }

    [Theory]
    [InlineData("6", "text", "invalid_input_type", ProviderErrorKind.InvalidInput)]
    [InlineData("4", "ckpt_name", "value_not_in_list", ProviderErrorKind.Unavailable)]
    public void A_refused_value_is_the_requests_fault_only_where_the_request_gave_it(string node, string input, string type, object kind)
    {
        Assert.Empty(new WorkflowFolder(Path.Combine(SourceTree.Root, "samples", "comfyui", "workflows")).Read("text-to-image.json", out var workflow));

        var error = Refusal(ComfyUiAnswers.Validation(node, "SomeNode", type, input), workflow!);

        Assert.Equal((kind, type), (error!.Kind, error.VendorCode));
        Assert.Contains($"SomeNode.{input}: Value not allowed", error.VendorMessage);
        Assert.DoesNotContain("secret", error.VendorMessage);
    }

    [Theory]
    [InlineData("missing_node_type")]
    [InlineData("prompt_no_outputs")]
    [InlineData("invalid_prompt_id")]
    public void A_prompt_that_this_server_cannot_run_is_not_the_customers_fault(string type)
    {
        Workflow.Read("w.json", Encoding.UTF8.GetBytes($$"""{"workflow": {{Graph}}, "inputs": {"prompt": "6.inputs.text"}, "output": "57:9"}"""), out var workflow);

        var error = Refusal(new { error = new { type, message = "no", details = "/secret/path", extra_info = new { } }, node_errors = Array.Empty<object>() }, workflow!);

        Assert.Equal((ProviderErrorKind.Unavailable, type, "no"), (error!.Kind, error.VendorCode, error.VendorMessage));
    }

    [Fact]
    public void The_sample_catalogue_is_sound_and_its_routes_fit_its_workflows()
    {
        var samples = Path.Combine(SourceTree.Root, "samples", "comfyui");
        Assert.Empty(new WorkflowFolder(Path.Combine(samples, "workflows")).Read("image-to-image.json", out var workflow));
        using var catalogue = JsonDocument.Parse(File.ReadAllText(Path.Combine(samples, "catalogue.json")));

        var paths = catalogue.RootElement.GetProperty("models")[1].GetProperty("routes")[0].GetProperty("params").EnumerateObject().Select(field => field.Value.GetString()!);

        Assert.All(paths, path => Assert.True(workflow!.Takes(path), path));
    }

    [Fact]
    public void An_attempt_has_one_canonical_prompt_id()
    {
        var id = ComfyUiWire.PromptId("att_01kb0000000000000000000000");

        Assert.Equal(id, ComfyUiWire.PromptId("att_01kb0000000000000000000000"));
        Assert.NotEqual(id, ComfyUiWire.PromptId("att_01kb0000000000000000000001"));
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id);
    }

    // Through a real answer: what a VendorAnswer is made of is not to be imitated.
    private static ProviderError? Refusal(object body, Workflow workflow)
    {
        using var response = new HttpResponseMessage(System.Net.HttpStatusCode.BadRequest) { Content = new StringContent(JsonSerializer.Serialize(body)) };
        return ComfyUiWire.Refusal(VendorAnswer.ReadAsync(response, null, TimeProvider.System, default).GetAwaiter().GetResult(), workflow);
    }
}
