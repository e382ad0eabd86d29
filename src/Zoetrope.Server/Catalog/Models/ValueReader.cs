using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>
/// Reads one JSON value as a parameter. Lenient where the meaning is certain, as VicSee is ("10" for 10, 2 for "2",
/// "1080P" for "1080p"); everything else is refused with what is allowed.
/// </summary>
internal static class ValueReader
{
    /// <summary>Whole numbers beyond this are not exact in JSON clients.</summary>
    private const double MaxExact = 9_007_199_254_740_992;

    private const NumberStyles Digits = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

    /// <summary>A string this long is a file; everything else that is read as text is far shorter.</summary>
    public const int MaxText = 1 << 20;

    /// <summary>Names, values and brackets in a list that is sent as text.</summary>
    private const int MaxStructured = 4_096;

    /// <summary>Null, an empty string and an empty list are no value: many clients send every field they know.</summary>
    public static bool IsAbsent(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => value.ValueEquals(""u8),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    /// <summary>The list or object that a string spells out, as hosts of models send them; otherwise the value itself.</summary>
    public static JsonElement Structured(JsonElement value, char begin)
    {
        if (value.ValueKind != JsonValueKind.String
            || !JsonMarshal.GetRawUtf8Value(value)[1..].TrimStart((byte)' ').StartsWith((byte)begin)
            || !TryFile(value, out var text))
        {
            return value;
        }

        try
        {
            var json = Encoding.UTF8.GetBytes(text);
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 16 });
            for (var tokens = 0; reader.Read(); tokens++)
            {
                if (tokens > MaxStructured)
                {
                    return value;
                }
            }

            return JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    public static Outcome<ParameterValue> Read(ParameterSpec spec, string field, JsonElement value) => spec.Type switch
    {
        ParameterType.Boolean => ReadBoolean(spec, field, value),
        ParameterType.Integer => ReadInteger(spec, field, value),
        ParameterType.Number => ReadNumber(spec, field, value),
        ParameterType.String => ReadString(spec, field, value),
        _ => ReadArray(spec, field, value),
    };

    /// <summary>The text of a JSON string; false for other kinds, for strings that are no valid Unicode and for endless ones.</summary>
    public static bool TryText(JsonElement value, out string text)
    {
        text = "";
        return value.ValueKind == JsonValueKind.String && !IsEndless(value) && TryFile(value, out text);
    }

    /// <summary>Whether it is a string longer than any text that is read here.</summary>
    public static bool IsEndless(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && JsonMarshal.GetRawUtf8Value(value).Length > MaxText;

    /// <summary>The same without a limit, for what may hold a whole file.</summary>
    public static bool TryFile(JsonElement value, out string text)
    {
        text = "";
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        try
        {
            text = value.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape such as "\ud800": valid JSON, but no text.
            return false;
        }
    }

    private static Outcome<ParameterValue> ReadBoolean(ParameterSpec spec, string field, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return ParameterValue.Of(value.ValueKind == JsonValueKind.True);
        }

        return TryText(value, out var text) && bool.TryParse(text, out var parsed)
            ? ParameterValue.Of(parsed)
            : Refuse(spec, field, value);
    }

    private static Outcome<ParameterValue> ReadInteger(ParameterSpec spec, string field, JsonElement value)
    {
        if (!TryInteger(value, out var number))
        {
            return Refuse(spec, field, value);
        }

        var allowed = spec.Integers.Length > 0
            ? spec.Integers.Contains(number)
            : number >= (spec.Min ?? -MaxExact) && number <= (spec.Max ?? MaxExact);
        return allowed ? ParameterValue.Of(number) : Refuse(spec, field, value);
    }

    private static Outcome<ParameterValue> ReadNumber(ParameterSpec spec, string field, JsonElement value) =>
        TryNumber(value, out var number) && number >= (spec.Min ?? double.MinValue) && number <= (spec.Max ?? double.MaxValue)
            ? ParameterValue.Of(number)
            : Refuse(spec, field, value);

    private static Outcome<ParameterValue> ReadString(ParameterSpec spec, string field, JsonElement value)
    {
        if (!TryText(value, out var text))
        {
            if (spec.Values.Length == 0 || !TryInteger(value, out var number))
            {
                return Refuse(spec, field, value);
            }

            text = number.ToString(CultureInfo.InvariantCulture);
        }

        if (spec.Values.Length > 0)
        {
            var ordinal = OrdinalOf(spec, text);
            return ordinal >= 0 ? ParameterValue.Of(spec.Values[ordinal], ordinal) : Refuse(spec, field, value);
        }

        return Characters.IsWithin(text, spec.MinLength ?? 0, spec.MaxLength ?? 0) && !text.Contains('\0')
            ? ParameterValue.Of(text)
            : Refuse(spec, field, value);
    }

    private static int OrdinalOf(ParameterSpec spec, string text)
    {
        for (var i = 0; i < spec.Values.Length; i++)
        {
            if (string.Equals(spec.Values[i], text, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return spec.Also.Count > 0 && spec.Also.TryGetValue(text, out var canonical) ? spec.Values.IndexOf(canonical) : -1;
    }

    private static Outcome<ParameterValue> ReadArray(ParameterSpec spec, string field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array
            || value.GetArrayLength() < (spec.MinItems ?? 0)
            || value.GetArrayLength() > spec.MaxItems!.Value)
        {
            return Refuse(spec, field, value);
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using var writer = new Utf8JsonWriter(buffer, WireJson.Writer);
        writer.WriteStartArray();
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{field}[{index++}]");
            if (WriteItem(writer, spec, place, item) is { } problem)
            {
                return problem;
            }
        }

        writer.WriteEndArray();
        writer.Flush();
        return ParameterValue.Of(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static Problem? WriteItem(Utf8JsonWriter writer, ParameterSpec spec, string place, JsonElement item)
    {
        if (spec.Type == ParameterType.StringArray)
        {
            if (!TryText(item, out var text) || !Characters.IsWithin(text, 0, spec.MaxLength ?? 0) || text.Contains('\0'))
            {
                return Refuse(spec, place, item);
            }

            writer.WriteStringValue(text);
            return null;
        }

        if (item.ValueKind != JsonValueKind.Object)
        {
            return Refuse(spec, place, item);
        }

        foreach (var property in item.EnumerateObject())
        {
            if (!spec.Fields.Any(known => property.NameEquals(known.Name)))
            {
                return Problems.UnknownParameter.With(
                    $"{place} has an unknown field.", place, Given.Of(item), string.Join(
                        ", ", spec.Fields.Select(known => known.Name)));
            }
        }

        writer.WriteStartObject();
        foreach (var known in spec.Fields)
        {
            if (!item.TryGetProperty(known.Name, out var value) || IsAbsent(value))
            {
                if (known.Required)
                {
                    return Problems.MissingParameter.With(
                        $"{place}.{known.Name} is required.", $"{place}.{known.Name}", allowed: known.Allowed());
                }

                continue;
            }

            var read = Read(known, $"{place}.{known.Name}", value);
            if (read.Failed(out var problem))
            {
                return problem;
            }

            writer.WritePropertyName(known.Name);
            ParameterWriter.WriteValue(writer, known, read.Value);
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>A whole number, be it written as 10, 10.0 or "10".</summary>
    public static bool TryInteger(JsonElement value, out long number)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            if (value.TryGetInt64(out number))
            {
                return Math.Abs((double)number) <= MaxExact;
            }

            // 10.0 is ten.
            var whole = value.TryGetDouble(out var real) && Math.Abs(real) <= MaxExact && Math.Floor(real) == real;
            number = whole ? (long)real : 0;
            return whole;
        }

        number = 0;
        return TryText(value, out var text)
            && text.Length <= 24
            && decimal.TryParse(text, Digits, CultureInfo.InvariantCulture, out var exact)
            && Math.Abs(exact) <= (decimal)MaxExact
            && decimal.Truncate(exact) == exact
            && (number = (long)exact) == exact;
    }

    /// <summary>A finite number, also as text.</summary>
    public static bool TryNumber(JsonElement value, out double number)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetDouble(out number) && double.IsFinite(number);
        }

        number = 0;
        return TryText(value, out var text)
            && text.Length <= 32
            && double.TryParse(
                text, Digits, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }

    private static Problem Refuse(ParameterSpec spec, string field, JsonElement value)
    {
        var given = Given.Of(value);
        var allowed = spec.Allowed();
        return Problems.InvalidParameter.With($"{field} is {given}; allowed: {allowed}.", field, given, allowed);
    }
}
