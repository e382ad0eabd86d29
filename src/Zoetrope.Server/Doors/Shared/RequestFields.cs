using System.Globalization;
using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// Reads the fields of a request body by name and keeps the first thing that is wrong. The names that were asked for are
/// the names that exist; any other is refused, so a misspelt limit is never silently no limit.
/// </summary>
internal sealed class RequestFields(JsonElement body, bool isStrict = false)
{
    private const int MaxSecret = 200;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private Problem? _problem;

    /// <summary>Reads the body's fields and lets the handler answer, or answers what is wrong with the body.</summary>
    public static Task<Answer> ReadAsync(HttpContext context, Func<RequestFields, Task<Answer>> handle) =>
        ReadAsync(context, handle, isStrict: false);

    /// <summary>The same where "" and [] are values: for an operator a list of nothing must not mean "all".</summary>
    public static Task<Answer> ReadStrictAsync(HttpContext context, Func<RequestFields, Task<Answer>> handle) =>
        ReadAsync(context, handle, isStrict: true);

    private static async Task<Answer> ReadAsync(HttpContext context, Func<RequestFields, Task<Answer>> handle, bool isStrict)
    {
        if ((await JsonBody.ReadAsync(context)).Failed(out var problem, out var body))
        {
            return problem;
        }

        using (body)
        {
            return await handle(new RequestFields(body.RootElement, isStrict));
        }
    }

    /// <summary>Whether the field is there, be it null.</summary>
    public bool Has(string name) =>
        body.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.Null || !ValueReader.IsAbsent(value));

    public string? Text(string name, int maxLength, bool required = false)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            return Wrong(name, value, "must be a string", "string");
        }

        var text = value.GetString()!;
        return !IsText(text, maxLength)
            ? Wrong(name, value, $"must have 1 to {maxLength} characters, none of them a control character", $"1..{maxLength} characters")
            : text;
    }

    /// <summary>A password, a code or a token: any characters, and no refusal repeats it.</summary>
    public string? SecretText(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= MaxSecret } text)
        {
            return text;
        }

        _problem ??= Problems.InvalidParameter.With(
            $"{name} must be a string of 1 to {MaxSecret} characters.", name, allowed: $"1..{MaxSecret} characters");
        return null;
    }

    /// <summary>A required object, as it was sent.</summary>
    public string? Structure(string name)
    {
        if (Find(name, required: true) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.GetRawText();
        }

        _problem ??= Problems.InvalidParameter.With($"{name} must be an object.", name, allowed: "an object");
        return null;
    }

    public long? Integer(string name, long min, long max, bool required = false)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && ValueReader.TryInteger(value, out var number) && number >= min && number <= max)
        {
            return number;
        }

        Wrong(name, value, $"must be a whole number from {min} to {max}", $"{min}..{max}");
        return null;
    }

    public bool? Flag(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Wrong(name, value, "must be true or false", "true, false");
        return null;
    }

    public string? OneOf(string name, IReadOnlyList<string> allowed, bool required = false)
    {
        if (Find(name, required) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && allowed.Contains(value.GetString())
            ? value.GetString()
            : Wrong(name, value, $"must be one of {string.Join(", ", allowed)}", string.Join(", ", allowed));
    }

    public IReadOnlyList<string>? ListOf(string name, IReadOnlyList<string> allowed)
    {
        if (Find(name, required: false) is not { } given)
        {
            return null;
        }

        var value = ValueReader.Structured(given, '[');
        if (!isStrict && ValueReader.IsAbsent(value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && allowed.Contains(item.GetString())))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        Wrong(name, value, $"must be a list of {string.Join(", ", allowed)}", string.Join(", ", allowed));
        return null;
    }

    /// <summary>A list of 1 to <paramref name="most"/> texts.</summary>
    public IReadOnlyList<string>? Texts(string name, int most, int maxLength)
    {
        if (Find(name, required: false) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is var length && length > 0 && length <= most
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String && IsText(item.GetString()!, maxLength)))
        {
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        }

        Wrong(name, value, $"must be a list of 1 to {most} texts", $"1..{most} texts");
        return null;
    }

    public DateTimeOffset? Instant(string name)
    {
        if (Find(name, required: false) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(
                value.GetString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var instant))
        {
            return instant;
        }

        Wrong(name, value, "must be an ISO 8601 time", "2030-01-31T00:00:00Z");
        return null;
    }

    private static bool IsText(string text, int maxLength) =>
        text.Trim().Length > 0 && text.Length <= maxLength && !text.Any(char.IsControl);

    /// <summary>The value as it was sent, be it null; nothing where the field is not there.</summary>
    public JsonElement? Raw(string name)
    {
        _known.Add(name);
        return body.TryGetProperty(name, out var value) ? value : null;
    }

    /// <summary>The field exists and is read elsewhere.</summary>
    public void Known(string name) => _known.Add(name);

    /// <summary>The first problem, an unknown field included; call it after every field was read.</summary>
    public Problem? Problem()
    {
        if (_problem is not null)
        {
            return _problem;
        }

        foreach (var property in body.EnumerateObject())
        {
            if (!_known.Contains(property.Name))
            {
                return Problems.UnknownParameter.With(
                    $"Unknown field `{ShortText.Of(property.Name)}`.",
                    ShortText.Of(property.Name),
                    allowed: _known.Count == 0 ? "no fields" : string.Join(", ", _known));
            }
        }

        return null;
    }

    private JsonElement? Find(string name, bool required)
    {
        _known.Add(name);
        if (body.TryGetProperty(name, out var value) && !(isStrict ? value.ValueKind == JsonValueKind.Null : ValueReader.IsAbsent(value)))
        {
            return value;
        }

        if (required)
        {
            _problem ??= Problems.MissingParameter.With($"{name} is required.", name);
        }

        return null;
    }

    private string? Wrong(string name, JsonElement value, string rule, string allowed)
    {
        _problem ??= Problems.InvalidParameter.With($"{name} {rule}.", name, Given.Of(value), allowed);
        return null;
    }
}
