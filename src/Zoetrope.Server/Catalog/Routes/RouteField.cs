using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes.Transforms;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>One of our parameters, or two of them together, on its way to the vendor.</summary>
/// <param name="Ours">Our name as the catalogue writes it: <c>duration</c>, <c>resolution+aspect_ratio</c>, <c>image_urls[0]</c>.</param>
/// <param name="Source">What is sent.</param>
/// <param name="Target">Where it goes.</param>
internal sealed record RouteField(string Ours, RouteSource Source, RouteTarget Target)
{
    /// <summary>The vendor's fields that this one fills.</summary>
    public IEnumerable<FieldPath> Paths => Target switch
    {
        RouteTarget.Field { Path: var path } => [path],
        RouteTarget.Sides sides => [sides.Width, sides.Height],
        _ => [],
    };
}

/// <summary>What a field of a route sends.</summary>
internal abstract record RouteSource
{
    /// <summary>A parameter that this model lays aside: no request has it, but an adapter may have a use for the vendor's field.</summary>
    internal sealed record Absent : RouteSource;

    /// <summary>The prompt; <paramref name="Marks"/> say how this vendor refers to files in it.</summary>
    internal sealed record Prompt(FileMarks? Marks) : RouteSource;

    /// <summary>The value of one parameter, or of two.</summary>
    internal sealed record Value(string First, string? Second, Transform Transform) : RouteSource;

    /// <summary>All files of a parameter.</summary>
    internal sealed record Files(string Parameter, FileShape Shape) : RouteSource;

    /// <summary>One file of a parameter, by its place from 0.</summary>
    internal sealed record FileAt(string Parameter, int Index) : RouteSource;

    /// <summary>Each file of a parameter whose place is not named by a field of its own.</summary>
    internal sealed record OtherFiles(string Parameter, ImmutableArray<int> Named) : RouteSource;
}

/// <summary>How all files of a parameter are sent in one field.</summary>
internal enum FileShape
{
    /// <summary>The parameter holds one file.</summary>
    One,

    Array,

    /// <summary>One file as itself, several as an array.</summary>
    OneOrMany,
}

/// <summary>Where a field of a route goes.</summary>
internal abstract record RouteTarget
{
    /// <summary>The vendor has no such field.</summary>
    internal sealed record Nowhere : RouteTarget;

    internal sealed record Field(FieldPath Path) : RouteTarget;

    /// <summary>The width and the height of the result, whatever the value is.</summary>
    internal sealed record Sides(FieldPath Width, FieldPath Height) : RouteTarget;

    /// <summary>The value replaces <paramref name="Placeholder"/> in the vendor's model id.</summary>
    internal sealed record ModelPart(string Placeholder) : RouteTarget;

    /// <summary>No field of the vendor's: the result is brought into this form when it is stored.</summary>
    internal sealed record Result : RouteTarget;
}

/// <summary>
/// A value that every request of a route carries. The text <c>{format}</c> stands for the format of the result, and
/// <c>{format:jpg}</c> where the vendor writes jpeg so.
/// </summary>
internal sealed record FixedField(FieldPath Path, JsonElement Value)
{
    private const string Format = "{format}";
    private const string ShortFormat = "{format:jpg}";

    /// <summary>Whether the vendor is told what format the result must have.</summary>
    public bool SaysFormat { get; } = Value.ValueKind is JsonValueKind.String && Value.GetString() is Format or ShortFormat;

    /// <summary>What is sent for this result.</summary>
    public JsonNode? For(OutputSpec output) => !SaysFormat
        ? Transform.Node(Value)
        : JsonValue.Create(output.Format == "jpeg" && Value.GetString() == ShortFormat ? "jpg" : output.Format);
}
