using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>Reads an object as a strict vendor does: what is not asked for is unknown, and the first thing wrong is kept.</summary>
internal sealed class StrictBody(JsonObject body, string at = "")
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private string? _wrong;

    /// <summary>The first thing wrong; ask for it last.</summary>
    public string? Wrong => _wrong ?? body.Select(member => member.Key).Where(name => !_known.Contains(name)).Select(name => $"{at}{name} is no field").FirstOrDefault();

    public void Fail(string what) => _wrong ??= at + what;

    public bool Has(string name) => body.ContainsKey(name);

    public string? Text(string name, bool required = false, params string[] values)
    {
        var text = Value(name, required, JsonValueKind.String)?.GetValue<string>();
        if (text is not null && values.Length > 0 && !values.Contains(text))
        {
            Fail($"{name} is '{text}', not one of {string.Join(", ", values)}");
        }

        return text;
    }

    public int? Integer(string name, bool required, int min, int max)
    {
        var value = Value(name, required, JsonValueKind.Number);
        if (value is null)
        {
            return null;
        }

        if (!value.AsValue().TryGetValue<int>(out var number) || number < min || number > max)
        {
            Fail($"{name} is {value}, not a whole number from {min} to {max}");
            return null;
        }

        return number;
    }

    public bool? Flag(string name, bool required = false)
    {
        _known.Add(name);
        if (body[name] is not { } value)
        {
            Missing(name, required);
            return null;
        }

        if (value.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fail($"{name} is {value}, not true or false");
            return null;
        }

        return value.GetValue<bool>();
    }

    public JsonNode? Any(string name)
    {
        _known.Add(name);
        return body[name];
    }

    public StrictBody? Object(string name, bool required = false) =>
        Value(name, required, JsonValueKind.Object) is JsonObject inner ? new StrictBody(inner, $"{at}{name}.") : null;

    public IReadOnlyList<StrictBody> Objects(string name, bool required = false)
    {
        var items = new List<StrictBody>();
        foreach (var item in Value(name, required, JsonValueKind.Array) as JsonArray ?? [])
        {
            if (item is JsonObject inner)
            {
                items.Add(new StrictBody(inner, $"{at}{name}[{items.Count}]."));
            }
            else
            {
                Fail($"{name} holds {item?.ToJsonString() ?? "null"}, not an object");
            }
        }

        return items;
    }

    /// <summary>Takes over what an inner object found.</summary>
    public void Check(StrictBody? inner)
    {
        _wrong ??= inner?.Wrong;
    }

    /// <summary>A file at a URL, or inside as a data URI of these types.</summary>
    public string? FileUrl(string name, params string[] inlineTypes)
    {
        var text = Text(name, required: true);
        if (text is null || text.StartsWith("https://", StringComparison.Ordinal))
        {
            return text;
        }

        var comma = text.IndexOf(";base64,", StringComparison.Ordinal);
        if (comma < 0 || !inlineTypes.Contains(text[..comma]) || !IsBase64(text[(comma + 8)..]))
        {
            Fail($"{name} is neither an https URL nor a data URI of {string.Join(", ", inlineTypes)}: {text[..Math.Min(60, text.Length)]}");
        }

        return text;
    }

    public static bool IsBase64(string text) => text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);

    private JsonNode? Value(string name, bool required, JsonValueKind kind)
    {
        _known.Add(name);
        if (body[name] is not { } value)
        {
            Missing(name, required || body.ContainsKey(name));
            return null;
        }

        if (value.GetValueKind() != kind)
        {
            Fail($"{name} is {value.ToJsonString()}, not a {kind}");
            return null;
        }

        return value;
    }

    private void Missing(string name, bool required)
    {
        if (required)
        {
            Fail($"{name} is missing");
        }
    }
}
