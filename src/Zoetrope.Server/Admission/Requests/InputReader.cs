using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Admission.Requests;

/// <summary>Reads the URLs of one input parameter. What they point to is another slice's question.</summary>
internal static class InputReader
{
    /// <summary>Adds the references of one field; returns what is wrong with it.</summary>
    public static Problem? Read(ParameterSpec spec, DraftField field, List<InputReference> inputs)
    {
        var value = field.Value;
        if (spec.Type == ParameterType.String || field.Name == DraftField.LegacyImage)
        {
            return Add(spec, field.Field, value, inputs);
        }

        // A single URL where a list is expected can only mean a list of one.
        if (value.ValueKind == JsonValueKind.String && (spec.MinItems ?? 0) <= 1)
        {
            return Add(spec, field.Field, value, inputs);
        }

        if (value.ValueKind != JsonValueKind.Array
            || value.GetArrayLength() > spec.MaxItems!.Value
            || value.GetArrayLength() < Math.Max(spec.MinItems ?? 0, spec.Required ? 1 : 0))
        {
            return Refuse(spec, field.Field, value);
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"{field.Field}[{index++}]");
            if (Add(spec, place, item, inputs) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static Problem? Add(ParameterSpec spec, string place, JsonElement value, List<InputReference> inputs)
    {
        if (value.ValueKind == JsonValueKind.String && IsTooLong(spec, value))
        {
            var reference = new InputReference(spec.Name, place, spec.Input!.Value, "");
            return InputRules.TooLarge(reference, MaxBytes(spec), Given.Of(value));
        }

        if (!ValueReader.TryFile(value, out var url) || string.IsNullOrWhiteSpace(url) || url.Contains('\0'))
        {
            return Refuse(spec, place, value);
        }

        inputs.Add(new InputReference(spec.Name, place, spec.Input!.Value, url));
        return null;
    }

    // A file in the text is base64, which some programs also percent-encode; what is far longer is not even decoded.
    private static bool IsTooLong(ParameterSpec spec, JsonElement value) =>
        JsonMarshal.GetRawUtf8Value(value).Length is > ValueReader.MaxText and var length && length / 2 > MaxBytes(spec);

    private static long MaxBytes(ParameterSpec spec) => InputRules.MaxBytes(spec.Input!.Value, spec.Limits ?? new InputLimits());

    private static Problem Refuse(ParameterSpec spec, string place, JsonElement value)
    {
        var given = value.ValueKind == JsonValueKind.Array
            ? string.Create(CultureInfo.InvariantCulture, $"{value.GetArrayLength()} items")
            : Given.Of(value);
        var allowed = spec.Allowed();
        return Problems.InvalidParameter.With($"{place} is {given}. Allowed: {allowed}.", place, given, allowed);
    }
}
