using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads the vendor's side of <c>params</c>.</summary>
internal sealed class RouteTargetReader(RouteFaults faults)
{
    public const string ModelPart = "<model>";
    private const string Result = "<result>";
    private const string Section = "params";

    public RouteTarget Read(string ours, string? text)
    {
        switch (text)
        {
            case null:
                return new RouteTarget.Nowhere();
            case ModelPart:
                return new RouteTarget.ModelPart($"{{{ours}}}");
            case Result:
                return new RouteTarget.Result();
        }

        var paths = text.Contains('[', StringComparison.Ordinal) ? [text] : text.Split('+');
        if (paths.Length > 2)
        {
            faults.Add(Section, ours, text, $"\"{text}\" names more than two fields; only width+height are two");
            return new RouteTarget.Nowhere();
        }

        var read = paths.Select(path => ReadPath(ours, text, path)).ToList();
        return read switch
        {
            [{ } one] => new RouteTarget.Field(one),
            [{ } width, { } height] => new RouteTarget.Sides(width, height),
            _ => new RouteTarget.Nowhere(),
        };
    }

    private FieldPath? ReadPath(string ours, string text, string part)
    {
        if (part.StartsWith('<'))
        {
            faults.Add(Section, ours, text, $"\"{text}\" is not a field path", [ModelPart, Result]);
            return null;
        }

        var path = FieldPath.Parse(part, out var fault);
        if (path is null)
        {
            faults.Add(Section, ours, text, $"\"{text}\" is not a field path: {fault}");
        }

        return path;
    }
}
