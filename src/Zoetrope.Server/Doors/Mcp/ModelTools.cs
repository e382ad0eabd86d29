using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol.Protocol;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// What can be made. The whole catalogue in full is more than an agent can read, so the list is short and one model's entry,
/// asked for by name, is the one of <c>GET /models</c>.
/// </summary>
internal sealed class ModelTools(CatalogHolder catalog, Routing routing)
{
    /// <summary>The tool's name.</summary>
    public const string List = "vicsee_list_models";

    private const int MaxText = 200;

    private static readonly string[] Types = ["image", "video", "music"];

    private static readonly JsonObject ListSchema = McpSchema.Object(
        ["models"],
        ("models", McpSchema.List("In the order of the catalogue.", McpSchema.Object(
            ["id", "type", "mode", "available"],
            ("id", McpSchema.Text("Send it as model to vicsee_generate.")),
            ("name", McpSchema.Text("For people.")),
            ("type", McpSchema.Text("image or video.")),
            ("mode", McpSchema.Text("What it makes, from which input.")),
            ("available", McpSchema.Flag("Whether this key can use it now.")),
            ("parameters", McpSchema.Any("What each parameter allows.")),
            ("credits", McpSchema.Any(
                "from: the lowest price; example: the price of a request without parameters; in full: the price rule."))))));

    public IEnumerable<McpTool> All =>
    [
        new()
        {
            Name = List,
            Title = "List models",
            Scopes = Scopes.None,
            Description = _ =>
                "Lists models with their limits and prices. Without arguments: every model in short. With model: that one in "
                + "full, with its schema and price rule.",
            Input = _ => McpSchema.Closed(
                [],
                ("type", McpSchema.OneOf("Only models that make this.", Types)),
                ("model", McpSchema.Text("One model's id, or the name of its family."))),
            Output = ListSchema,
            Annotations = new ToolAnnotations
            {
                Title = "List models",
                ReadOnlyHint = true,
                DestructiveHint = false,
                IdempotentHint = true,
                OpenWorldHint = true,
            },
            RunAsync = (call, _) => Task.FromResult(Run(call)),
        },
    ];

    private Outcome<CallToolResult> Run(McpCall call)
    {
        var fields = new RequestFields(call.Arguments);
        var type = fields.OneOf("type", Types);
        var name = fields.Text("model", MaxText);
        if (fields.Problem() is { } problem)
        {
            return problem;
        }

        var models = catalog.Current;
        if (name is not null)
        {
            var model = models.Names.Find(name, Attached.Nothing);
            return model is not null && Retirement.Of(model) is { } retired ? retired
                : model is not null && !call.Caller.Limits.AllowModel(model.Id) ? Admit.NotAllowed(call.Caller, model.Id)
                : model is not null ? Answer(writer => JsonSerializer.Serialize(
                    writer, ListedModel.Of(model, routing.IsAvailable(model, call.Caller.Mode)), ListingJson.Default.ModelListing))
                : Problems.InvalidModel.With(
                    $"Unknown model {name}.",
                    "model",
                    name,
                    string.Join(", ", models.Names.Nearest(name, Attached.Nothing)) is { Length: > 0 } near ? near : $"an id from {List}");
        }

        return Answer(writer =>
        {
            var wanted = models.Models
                .Where(model => model.Lifecycle.Status is not LifecycleStatus.Retired && (type is null || type == model.MediaType.Word()))
                .Where(model => call.Caller.Limits.AllowModel(model.Id));
            foreach (var model in wanted)
            {
                WriteShort(writer, model, routing.IsAvailable(model, call.Caller.Mode));
            }
        });
    }

    // The text is the array, as VicSee's tool has it; structured content has to be an object.
    private static CallToolResult Answer(Action<Utf8JsonWriter> models)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WireJson.Writer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("models");
            models(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        var data = JsonElement.Parse(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        return McpResults.Of(data, Lines(data.GetProperty("models")));
    }

    // A line for each: indented, it would be half as long again, and agents pay for every space.
    private static string Lines(JsonElement models) => models.GetArrayLength() == 1
        ? McpResults.Pretty(models)
        : $"[\n{string.Join(",\n", models.EnumerateArray().Select(model => model.GetRawText()))}\n]";

    private static void WriteShort(Utf8JsonWriter writer, ModelSpec model, bool available)
    {
        writer.WriteStartObject();
        writer.WriteString("id", model.Id);
        writer.WriteString("name", model.Name);
        writer.WriteString("type", model.MediaType.Word());
        writer.WriteString("mode", model.Mode);
        writer.WriteBoolean("available", available);
        if (Retirement.Notice(model) is { } notice)
        {
            writer.WriteString("lifecycle", notice);
        }

        writer.WriteStartObject("parameters");
        if (model.Prompt.MaxLength > 0)
        {
            var most = string.Create(CultureInfo.InvariantCulture, $"at most {model.Prompt.MaxLength} characters");
            writer.WriteString("prompt", model.Prompt.Required ? $"required, {most}" : most);
        }

        foreach (var parameter in model.Parameters)
        {
            writer.WriteString(parameter.Name, parameter.Required ? $"required, {parameter.Allowed()}" : parameter.Allowed());
        }

        writer.WriteEndObject();
        writer.WriteStartObject("credits");
        writer.WriteNumber("from", ModelPrice.From(model));
        if (ModelPrice.Default(model) is { } example)
        {
            writer.WriteNumber("example", example);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
