using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands.Drift;

/// <summary>
/// Requests that a route can be given: the shortest one, and every value of every parameter in its turn. They are made like a
/// customer's and are never sent.
/// </summary>
internal sealed class RouteSamples(ModelCatalog catalog, TimeProvider time)
{
    private const string Prompt = "a red fox";

    /// <summary>A range with more values than this is tried at its ends.</summary>
    private const int MostValues = 64;

    public IEnumerable<ProviderRequest> Of(ModelSpec model, RouteSpec route, InputForm? form)
    {
        var needed = model.Parameters.Where(parameter => parameter.Required || IsOneOf(model, parameter)).ToList();
        var shortest = needed.ToDictionary(
            parameter => parameter.Name, parameter => Files(parameter, Math.Max(1, parameter.MinItems ?? 1)));
        var varied = model.Parameters.SelectMany(Values, (parameter, value) =>
        {
            var fields = new Dictionary<string, JsonNode>(shortest) { [parameter.Name] = value };
            if (parameter.RequiredWhen is { } when)
            {
                fields[when.Parameter] = JsonNode.Parse(when.Text is "true" or "false" ? when.Text : JsonSerializer.Serialize(when.Text))!;
            }

            return fields;
        });
        return varied.Prepend(shortest).Select(fields => Make(model, route, form, fields)).OfType<ProviderRequest>();
    }

    // Of a rule's alternatives the first one is enough to begin with.
    private static bool IsOneOf(ModelSpec model, ParameterSpec parameter) =>
        model.Rules.OfType<ModelRule.AnyOf>().FirstOrDefault() is { } any && model.Parameters[any.Parameters[0]] == parameter;

    private static IEnumerable<JsonNode> Values(ParameterSpec parameter) => parameter switch
    {
        { Input: not null } => [Files(parameter, parameter.MaxItems ?? 1)],
        { Cardinality: <= MostValues and { } count } =>
            Enumerable.Range(0, count).Select(place => Node(parameter, parameter.ValueAt(place))),
        { Type: ParameterType.Integer or ParameterType.Number } =>
            new[] { parameter.Min, parameter.Max }.OfType<double>().Select(value => (JsonNode)JsonValue.Create(value)),
        { Type: ParameterType.String } => [JsonValue.Create("blurry hands")],
        { Type: ParameterType.ObjectArray } => [JsonNode.Parse("""[{"prompt":"one","duration":2},{"prompt":"two","duration":3}]""")!],
        _ => [],
    };

    private static JsonNode Node(ParameterSpec parameter, in ParameterValue value) => parameter.Type switch
    {
        ParameterType.Boolean => JsonValue.Create(value.Integer == 1),
        ParameterType.Integer => JsonValue.Create(value.Integer),
        _ => JsonValue.Create(value.ToText(parameter.Type)),
    };

    private static JsonNode Files(ParameterSpec parameter, int count)
    {
        static JsonNode File(int number) =>
            JsonValue.Create(string.Create(CultureInfo.InvariantCulture, $"https://files.example/{number}"));
        return parameter.IsList ? new JsonArray([.. Enumerable.Range(1, count).Select(File)]) : File(1);
    }

    // Null where the model's own rules tie the value to another one, or where the route cannot serve it.
    private ProviderRequest? Make(ModelSpec model, RouteSpec route, InputForm? form, Dictionary<string, JsonNode> values)
    {
        var draft = new Draft
        {
            Model = model.Id,
            Prompt = new DraftPrompt("prompt", Prompt),
            Fields = [.. values.Select(value => new DraftField(value.Key, value.Key, JsonElement.Parse(value.Value.ToJsonString())))],
        };
        if (RequestResolver.Resolve(catalog, draft).Failed(out _, out var resolved)
            || RequestPricing.Price(resolved, [.. resolved.Inputs.Select(input => new ResolvedInput(input, "", Probe(input)))])
                .Failed(out _, out var quote))
        {
            return null;
        }

        var parameters = JsonElement.Parse(resolved.Parameters.Span);
        return RouteFit.Gap(route, form, resolved.OnRoutes(parameters, publicAddress: true)) is not null ? null
            : new ProviderRequest
            {
                AttemptId = Ids.New(Ids.Attempt, time),
                Route = route,
                Model = model.Id,
                Mode = model.Mode,
                Prompt = resolved.Prompt,
                Parameters = parameters,
                Inputs = [.. resolved.Inputs.Select(input => new ProviderInput(input.Parameter, "", Probe(input).ContentType))],
                Output = quote.Output,
                IntendedAt = time.GetUtcNow(),
            };
    }

    private static MediaProbe Probe(InputReference input) => new()
    {
        ContentType = input.Kind switch
        {
            InputKind.Video => "video/mp4",
            InputKind.Audio => "audio/mpeg",
            _ => "image/png",
        },
        Bytes = 1_000,
        Sha256 = "00",
        Width = 1_280,
        Height = 720,
        DurationSeconds = 5,
        FramesPerSecond = 24,
    };
}
