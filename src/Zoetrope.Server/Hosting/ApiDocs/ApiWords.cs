using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace Zoetrope.Server.Hosting.ApiDocs;

/// <summary>
/// What <c>api.json</c> says about an operation: an example of its request and of its answer, and whatever the endpoint does not
/// say itself. Answers are what a server really sent.
/// </summary>
internal sealed record ApiWords
{
    private static readonly FrozenDictionary<string, ApiWords> All = Read();

    public string? Id { get; init; }

    public string? Summary { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string> Parameters { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>The fields of a body that the endpoint reads by hand and strictly.</summary>
    public IReadOnlyDictionary<string, ApiField>? Body { get; init; }

    /// <summary>The content type of a body that is no JSON.</summary>
    public string? RequestType { get; init; }

    public JsonNode? Request { get; init; }

    /// <summary>The content type of an answer that is no JSON.</summary>
    public string? AnswerType { get; init; }

    public JsonNode? Answer { get; init; }

    /// <param name="operation">As <c>GET /api/v1/tasks/{id}</c>.</param>
    public static ApiWords? Find(string operation) => All.GetValueOrDefault(operation);

    public void Apply(OpenApiOperation operation)
    {
        operation.OperationId ??= Id;
        operation.Summary ??= Summary;
        operation.Description ??= Description;
        foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
        {
            parameter.Description ??= Parameters.GetValueOrDefault(parameter.Name ?? "");
        }

        if (Body is not null)
        {
            operation.RequestBody = BodyOf(operation.RequestBody?.Content?.Keys ?? ["application/json"], Schema(Body));
        }
        else if (RequestType is not null)
        {
            operation.RequestBody = BodyOf([RequestType], Binary());
        }

        if (Request is not null && operation.RequestBody?.Content is { } bodies && bodies.TryGetValue("application/json", out var body))
        {
            body.Example = Request.DeepClone();
        }

        if (operation.Responses is { } answers && answers.TryGetValue("200", out var found) && found is OpenApiResponse answer)
        {
            Exemplify(answer);
        }
    }

    private void Exemplify(OpenApiResponse answer)
    {
        if (AnswerType is { } type)
        {
            answer.Content = new Dictionary<string, OpenApiMediaType>
            {
                [type] = new() { Schema = Answer is null ? Binary() : new OpenApiSchema { Type = JsonSchemaType.String } },
            };
        }
        else if (answer.Content is not { Count: > 0 } && Answer is not null)
        {
            answer.Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() };
        }

        if (Answer is not null && answer.Content?.Values.FirstOrDefault() is { } media)
        {
            media.Example = Answer.DeepClone();
        }
    }

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    private static OpenApiRequestBody BodyOf(IEnumerable<string> types, OpenApiSchema schema) => new()
    {
        Required = true,
        Content = types.ToDictionary(static type => type, _ => new OpenApiMediaType { Schema = schema }),
    };

    private static OpenApiSchema Schema(IReadOnlyDictionary<string, ApiField> fields) => new()
    {
        Type = JsonSchemaType.Object,
        Properties = fields.ToDictionary(field => field.Key, field => (IOpenApiSchema)new OpenApiSchema
        {
            Type = Enum.Parse<JsonSchemaType>(field.Value.Type, ignoreCase: true),
            Description = field.Value.Description,
            Items = field.Value.Type == "array" ? new OpenApiSchema { Type = JsonSchemaType.String } : null,
        }),
        Required = fields.Where(field => field.Value.Required).Select(field => field.Key).ToHashSet(),
    };

    private static FrozenDictionary<string, ApiWords> Read()
    {
        using var stream = typeof(ApiWords).Assembly.GetManifestResourceStream("api.json")!;
        return JsonSerializer.Deserialize(stream, ApiWordsJson.Default.DictionaryStringApiWords)!.ToFrozenDictionary();
    }
}

/// <summary>A field of a body.</summary>
internal sealed record ApiField(string Type, string Description, bool Required = false);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Dictionary<string, ApiWords>))]
internal sealed partial class ApiWordsJson : JsonSerializerContext;
