using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>What a route can do with one parameter.</summary>
/// <param name="IsSent">Whether a field says it to the vendor, or we bring it about ourselves.</param>
/// <param name="FilePlaces">How many files of it have a place; <see cref="int.MaxValue"/> where all have.</param>
/// <param name="Accepts">What of the model's range the vendor can do; null is all of it.</param>
/// <param name="Implied">Values that apply at this vendor without being sent.</param>
internal sealed record RouteReach(bool IsSent, int FilePlaces = 0, Acceptance? Accepts = null, ValueSet? Implied = null)
{
    /// <summary>The name of the prompt among the parameters.</summary>
    public const string Prompt = "prompt";

    /// <summary>The name of the input files of all parameters together.</summary>
    public const string AllFiles = "*";

    /// <summary>A parameter that the route does not know.</summary>
    public static readonly RouteReach None = new(IsSent: false);

    /// <summary>Whether a request with this value of the parameter can take the route; the value by its text.</summary>
    public bool CanBe(string value) => !IsSent ? Implied is null || Implied.Contains(value) : Accepts switch
    {
        Acceptance.Values accepted => accepted.Set.Contains(value),
        Acceptance.Range range when double.TryParse(value, CultureInfo.InvariantCulture, out var number) => range.Broken(number) is null,
        _ => true,
    };
}

/// <summary>What of a parameter a route can do where that is less than the model.</summary>
internal abstract record Acceptance
{
    internal sealed record Values(ValueSet Set) : Acceptance;

    /// <summary>The range of a number, of the prompt's length or of the number of files.</summary>
    internal sealed record Range(double? Min, double? Max) : Acceptance
    {
        /// <summary>The limit that the value breaks, in words; null where it is inside.</summary>
        public string? Broken(double value) =>
            value > Max ? $"at most {Max} there" : value < Min ? $"at least {Min} there" : null;
    }
}

/// <summary>Values of one parameter, by their text.</summary>
internal sealed class ValueSet(IReadOnlyCollection<JsonElement> values, string shown)
{
    private readonly FrozenSet<string> _texts = values.Select(TextOf).ToFrozenSet(StringComparer.Ordinal);

    public bool Contains(string text) => _texts.Contains(text);

    public bool Contains(JsonElement value) => _texts.Contains(TextOf(value));

    /// <summary>As the catalogue writes it.</summary>
    public override string ToString() => shown;

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetDouble().ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
