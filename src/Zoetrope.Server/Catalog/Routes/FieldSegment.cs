using System.Collections.Immutable;
using System.Globalization;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>One step of a <see cref="FieldPath"/>: a member, and where that is an array, an element of it.</summary>
internal sealed record FieldSegment(string Name, FieldElement? Element)
{
    private const string Number = "{n}";

    /// <summary>No vendor has longer lists, and a slip of the keyboard must not fill the memory.</summary>
    private const int MaxIndex = 99;

    public bool IsNumbered { get; } = Name.Contains(Number, StringComparison.Ordinal);

    public string NameFor(int number) =>
        IsNumbered ? Name.Replace(Number, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) : Name;

    /// <summary>The step, or null with what is wrong with it.</summary>
    public static FieldSegment? Parse(string text, out string? fault)
    {
        var open = text.IndexOf('[', StringComparison.Ordinal);
        var name = open < 0 ? text : text[..open];
        FieldElement? element = null;
        fault = open >= 0 && text.IndexOf(']', StringComparison.Ordinal) != text.Length - 1
            ? $"in \"{text}\", one \"]\" must close the \"[\" and end the segment"
            : !IsName(name.Replace(Number, "n", StringComparison.Ordinal)) ? $"\"{name}\" is not a field name"
            : open >= 0 && (element = ParseElement(text[(open + 1)..^1])) is null
                ? $"\"{text[open..]}\" must be [], an index such as [0] (at most {MaxIndex}) or members such as [type=text]"
                : null;
        return fault is null ? new FieldSegment(name, element) : null;
    }

    private static FieldElement? ParseElement(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            return index <= MaxIndex ? new FieldElement.At(index) : null;
        }

        var members = ImmutableArray.CreateBuilder<(string Name, string Value)>();
        foreach (var pair in text.Length == 0 ? [] : text.Split(','))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == pair.Length - 1)
            {
                return null;
            }

            members.Add((pair[..equals], pair[(equals + 1)..]));
        }

        return new FieldElement.New(members.ToImmutable());
    }

    private static bool IsName(string name) =>
        name.Length > 0 && name.Trim().Length == name.Length
        && name.AsSpan().IndexOfAny("[]{}<>+=,\"'") < 0 && !name.Any(char.IsControl);
}

/// <summary>An element of an array.</summary>
internal abstract record FieldElement
{
    internal sealed record At(int Index) : FieldElement;

    /// <summary>A new one for each value, with these members.</summary>
    internal sealed record New(ImmutableArray<(string Name, string Value)> Members) : FieldElement;
}
