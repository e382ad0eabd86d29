using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Zoetrope.Server.Catalog.Models;

internal enum ParameterType
{
    String,
    Integer,
    Number,
    Boolean,

    [JsonStringEnumMemberName("string[]")]
    StringArray,

    [JsonStringEnumMemberName("object[]")]
    ObjectArray,
}

/// <summary>One parameter of a model with everything needed to check, default, price and document it.</summary>
internal sealed record ParameterSpec
{
    /// <summary>Integer ranges up to this size can key a price table.</summary>
    private const int MaxEnumerable = 1000;

    public required string Name { get; init; }

    public required ParameterType Type { get; init; }

    public string Description { get; init; } = "";

    /// <summary>Allowed strings in canonical spelling; empty means any.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Allowed integers where they are not a range; ascending.</summary>
    public ImmutableArray<long> Integers { get; init; } = [];

    /// <summary>Other spellings the client may use, to the canonical one (<c>16:9</c> to <c>landscape</c>).</summary>
    public ImmutableDictionary<string, string> Also { get; init; } = ImmutableDictionary<string, string>.Empty;

    public double? Min { get; init; }

    public double? Max { get; init; }

    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    /// <summary>Fields of one item of an object array.</summary>
    public ImmutableArray<ParameterSpec> Fields { get; init; } = [];

    public bool Required { get; init; }

    /// <summary>Required when another parameter has this value.</summary>
    public RequiredWhen? RequiredWhen { get; init; }

    /// <summary>Unset where the parameter has no default.</summary>
    public ParameterValue Default { get; init; }

    /// <summary>What kind of file a URL parameter names.</summary>
    public InputKind? Input { get; init; }

    public InputLimits? Limits { get; init; }

    public bool IsList => Type is ParameterType.StringArray or ParameterType.ObjectArray;

    /// <summary>How many values it can have, or null where they cannot be listed.</summary>
    public int? Cardinality => Type switch
    {
        ParameterType.Boolean => 2,
        ParameterType.String when Values.Length > 0 => Values.Length,
        ParameterType.Integer when Integers.Length > 0 => Integers.Length,
        ParameterType.Integer when Min is { } min && Max is { } max && max - min < MaxEnumerable => (int)(max - min) + 1,
        _ => null,
    };

    /// <summary>The place of a value among all values; −1 where there is none.</summary>
    public int OrdinalOf(in ParameterValue value)
    {
        if (!value.IsSet)
        {
            return -1;
        }

        if (Type != ParameterType.Integer)
        {
            return (int)value.Integer;
        }

        return Integers.Length > 0 ? Integers.IndexOf(value.Integer) : (int)(value.Integer - (long)Min!.Value);
    }

    /// <summary>The value at a place, as prices and documents write it.</summary>
    public string TextAt(int ordinal) => ValueAt(ordinal).ToText(Type);

    public ParameterValue ValueAt(int ordinal) => Type switch
    {
        ParameterType.Boolean => ParameterValue.Of(ordinal == 1),
        ParameterType.String => ParameterValue.Of(Values[ordinal], ordinal),
        _ => ParameterValue.Of(Integers.Length > 0 ? Integers[ordinal] : (long)Min!.Value + ordinal),
    };

    /// <summary>What is allowed, in words, for error messages.</summary>
    public string Allowed()
    {
        if (Values.Length > 0)
        {
            return string.Join(", ", Values);
        }

        if (Integers.Length > 0)
        {
            return string.Join(", ", Integers.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        }

        return Type switch
        {
            ParameterType.Boolean => "true, false",
            ParameterType.Integer => $"an integer{Range()}",
            ParameterType.Number => $"a number{Range()}",
            ParameterType.StringArray => $"{Count()} {(Input is null ? "strings" : $"{Input.ToString()!.ToLowerInvariant()} URLs")}",
            ParameterType.ObjectArray => $"{Count()} objects with {string.Join(", ", Fields.Select(field => field.Name))}",
            _ => Input is { } kind ? $"one {kind.ToString().ToLowerInvariant()} URL" : $"a string of at most {MaxLength} characters",
        };
    }

    private string Range() => (Min, Max) switch
    {
        ({ } min, { } max) => string.Create(CultureInfo.InvariantCulture, $" from {min} to {max}"),
        ({ } min, null) => string.Create(CultureInfo.InvariantCulture, $" of at least {min}"),
        (null, { } max) => string.Create(CultureInfo.InvariantCulture, $" of at most {max}"),
        _ => "",
    };

    private string Count() =>
        MinItems is { } min && min > 0 ? $"an array of {min} to {MaxItems}" : $"an array of at most {MaxItems}";
}

/// <summary>A parameter becomes required when <paramref name="Parameter"/> has the value at this place.</summary>
internal sealed record RequiredWhen(string Parameter, int Index, int Ordinal, string Text);

/// <summary>A checked value. Strings from a closed list also carry their place in it, so that prices need no text.</summary>
internal readonly record struct ParameterValue
{
    public bool IsSet { get; private init; }

    /// <summary>An integer, a boolean as 0 or 1, or the place of a listed string.</summary>
    public long Integer { get; private init; }

    public double Real { get; private init; }

    /// <summary>A string, or an array as canonical JSON.</summary>
    public string? Text { get; private init; }

    public static ParameterValue Of(long value) => new() { IsSet = true, Integer = value };

    public static ParameterValue Of(bool value) => new() { IsSet = true, Integer = value ? 1 : 0 };

    public static ParameterValue Of(double value) => new() { IsSet = true, Real = value };

    public static ParameterValue Of(string text, int ordinal = -1) => new() { IsSet = true, Text = text, Integer = ordinal };

    public string ToText(ParameterType type) => type switch
    {
        ParameterType.Boolean => Integer == 1 ? "true" : "false",
        ParameterType.Integer => Integer.ToString(CultureInfo.InvariantCulture),
        ParameterType.Number => Real.ToString(CultureInfo.InvariantCulture),
        _ => Text ?? "",
    };
}
