using System.Text.Json;
using System.Text.RegularExpressions;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.ApiDocs;

/// <summary>The description reads as if written by hand: every operation is walked, and what it shows holds against its own schemas.</summary>
public sealed class ApiWalkTests : IAsyncLifetime
{
    private TestZoetrope _zoetrope = null!;
    private JsonElement _document;

    public async ValueTask InitializeAsync()
    {
        _zoetrope = await TestZoetrope.StartAsync();
        _document = (await _zoetrope.Api.SendAsync(HttpMethod.Get, "/openapi/v1.json", key: null)).Expect(200).Json;
    }

    public ValueTask DisposeAsync() => _zoetrope.DisposeAsync();

    [Fact]
    public void Every_operation_says_what_it_does_and_shows_a_request_and_an_answer()
    {
        var faults = new List<string>();
        var ids = new HashSet<string>();
        foreach (var (name, operation) in Operations())
        {
            void Demand(bool holds, string fault)
            {
                if (!holds)
                {
                    faults.Add($"{name}: {fault}");
                }
            }

            Demand(ids.Add(Text(operation, "operationId")) && Text(operation, "operationId").Length > 0, "its operationId is missing or another's");
            Demand(Text(operation, "summary").Length is > 5 and < 110 && !Text(operation, "summary").EndsWith('.'), $"its summary is '{Text(operation, "summary")}'");
            Demand(Text(operation, "description").EndsWith('.'), $"its description is '{Text(operation, "description")}'");
            Demand(operation.TryGetProperty("tags", out var tags) && tags.EnumerateArray().All(tag => Regex.IsMatch(tag.GetString()!, "^[A-Z][A-Za-z]+$")), "its tag is none for people");
            foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToArray() : [])
            {
                Demand(Text(parameter, "description").Length > 5, $"the parameter {Text(parameter, "name")} is not described");
            }

            if (operation.TryGetProperty("requestBody", out var body))
            {
                Demand(Media(body).Any(media => IsShown(media, name, faults)), "no example of its request");
            }
            else
            {
                Demand(!name.StartsWith('P') || IsBodiless(name), "its body is not described");
            }

            var answers = operation.GetProperty("responses").EnumerateObject().Where(answer => answer.Name.StartsWith('2')).ToList();
            Demand(answers.Count > 0 && answers.Any(answer => Media(answer.Value).Any(media => IsShown(media, name, faults)) || name == "PUT /uploads/{key}"), "no example of its answer");
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(ids.Count > 55, $"only {ids.Count} operations");
    }

    [Fact]
    public void Every_record_has_fields() => Assert.Empty(
        from schema in _document.GetProperty("components").GetProperty("schemas").EnumerateObject()
        where schema.Value.TryGetProperty("type", out var type) && type.ValueEquals("object")
            && !schema.Value.TryGetProperty("properties", out _) && !schema.Value.TryGetProperty("additionalProperties", out _)
        select schema.Name);

    [Fact]
    public void No_text_and_no_name_is_our_codes()
    {
        var faults = new List<string>();
        Walk(_document, "", (path, text) =>
        {
            if (Regex.IsMatch(text, @"&lt;|<see|cref|Zoetrope\.(Server|Contracts)|\b(string|int|long|bool)\??\s[A-Z]\w+\.[A-Z]|I?ReadOnly(List|Dictionary)|\bJsonElement\b|EnvelopeOf|\b[A-Z][a-z]\w+\.[A-Z][a-z]\w+\b(?!:)|  |\n\s+\S") && !path.Contains("/example", StringComparison.Ordinal) && !path.StartsWith("/info", StringComparison.Ordinal))
            {
                faults.Add($"{path}: {text}");
            }
        });
        foreach (var schema in _document.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            if (Regex.IsMatch(schema.Name, "Of[A-Z]|Json|`"))
            {
                faults.Add($"the schema {schema.Name}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("https://media.example.com", "https://media.example.com")]
    public async Task Samples_name_the_servers_own_address(string publicUrl, string? expected)
    {
        await using var other = await TestZoetrope.StartAsync(new TestServer { Settings = new Dictionary<string, string?> { ["PublicUrl"] = publicUrl } });
        var document = (await other.Api.SendAsync(HttpMethod.Get, "/openapi/v1.json", key: null)).Expect(200).Json;

        Assert.Equal(expected ?? other.Api.Address.AbsoluteUri.TrimEnd('/'), Assert.Single(document.GetProperty("servers").EnumerateArray()).GetProperty("url").GetString());
    }

    /// <summary>Actions that the path says all about.</summary>
    private static bool IsBodiless(string name) => Regex.IsMatch(name, "/(cancel|secret|rotate-secret|pause|resume|test|redeliver|authenticator|recovery-codes|options)$");

    private bool IsShown(JsonProperty media, string operation, List<string> faults)
    {
        if (!media.Value.TryGetProperty("example", out var example))
        {
            // Bytes have no example, only a type.
            return media.Value.TryGetProperty("schema", out var binary) && Text(binary, "format") == "binary" && !media.Name.Contains("json", StringComparison.Ordinal);
        }

        if (media.Value.TryGetProperty("schema", out var schema))
        {
            Check(example, schema, operation, faults);
        }

        return true;
    }

    // What a reader notices: a name that the schema does not have, one that it demands and the example lacks, a value of another type.
    private void Check(JsonElement value, JsonElement schema, string place, List<string> faults)
    {
        schema = Resolve(schema);
        foreach (var choice in (string[])["oneOf", "anyOf", "allOf"])
        {
            if (schema.TryGetProperty(choice, out var parts))
            {
                var fits = parts.EnumerateArray().Where(part => value.ValueKind == JsonValueKind.Null ? Text(part, "type") == "null" : Text(part, "type") != "null").ToList();
                if (fits.Count == 1)
                {
                    Check(value, fits[0], place, faults);
                }

                return;
            }
        }

        if (schema.TryGetProperty("type", out var types) && !Types(types).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(types).Contains("number")))
        {
            faults.Add($"{place}: {value.GetRawText()} is no {types}");
            return;
        }

        if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out var items))
        {
            foreach (var (item, index) in value.EnumerateArray().Select((item, index) => (item, index)))
            {
                Check(item, items, $"{place}[{index}]", faults);
            }
        }

        if (value.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
        {
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            if (properties.TryGetProperty(member.Name, out var of))
            {
                Check(member.Value, of, $"{place}.{member.Name}", faults);
            }
            else if (!schema.TryGetProperty("additionalProperties", out _))
            {
                faults.Add($"{place}: the example has {member.Name}, the schema has not");
            }
        }

        foreach (var required in schema.TryGetProperty("required", out var list) ? list.EnumerateArray().Select(name => name.GetString()!).ToArray() : [])
        {
            if (!value.TryGetProperty(required, out _))
            {
                faults.Add($"{place}: the example lacks {required}");
            }
        }
    }

    private JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? Resolve(_document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1]))
        : schema;

    private static string[] Types(JsonElement types) => types.ValueKind == JsonValueKind.Array ? [.. types.EnumerateArray().Select(type => type.GetString()!)] : [types.GetString()!];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "integer" : "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => "null",
    };

    private IEnumerable<(string Name, JsonElement Operation)> Operations() =>
        from path in _document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value);

    private static IEnumerable<JsonProperty> Media(JsonElement part) => part.TryGetProperty("content", out var content) ? content.EnumerateObject() : [];

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static void Walk(JsonElement element, string path, Action<string, string> visit)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (member.Name is "description" or "summary" or "title" or "name" && member.Value.ValueKind == JsonValueKind.String)
                    {
                        visit($"{path}/{member.Name}", member.Value.GetString()!);
                    }

                    Walk(member.Value, $"{path}/{member.Name}", visit);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (item, index) in element.EnumerateArray().Select((item, index) => (item, index)))
                {
                    Walk(item, $"{path}/{index}", visit);
                }

                break;
        }
    }
}
