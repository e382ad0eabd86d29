using System.Collections.Immutable;
using System.Globalization;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Reads <c>params</c>, each together with its transform.</summary>
internal sealed class RouteFieldReader(RouteEntry entry, RoutedModel model, RouteFaults faults)
{
    private const string Others = "*";
    private const string Section = "params";

    private readonly RouteTransformReader _transforms = new(entry, model, faults);
    private readonly RouteTargetReader _targets = new(faults);

    public ImmutableArray<RouteField> Read()
    {
        _transforms.CheckKeys();
        var fields = ImmutableArray.CreateBuilder<RouteField>();
        foreach (var (ours, path) in entry.Params ?? [])
        {
            fields.AddRange(ours == Others ? ReadOthers(path) : ReadField(ours, path));
        }

        return fields.ToImmutable();
    }

    /// <summary>The parameters that a field is made from.</summary>
    public static IEnumerable<string> NamesOf(RouteField field) => field.Source switch
    {
        RouteSource.Prompt => [RouteReach.Prompt],
        RouteSource.Value { Second: { } second } both => [both.First, second],
        RouteSource.Value one => [one.First],
        RouteSource.Files files => [files.Parameter],
        RouteSource.FileAt file => [file.Parameter],
        RouteSource.OtherFiles files => [files.Parameter],
        _ => [],
    };

    private static (string Name, string? Element) Split(string ours)
    {
        var bracket = ours.IndexOf('[', StringComparison.Ordinal);
        return bracket < 0 ? (ours, null) : (ours[..bracket], ours[bracket..]);
    }

    // What no other field names goes under its own name: values first, then files.
    private IEnumerable<RouteField> ReadOthers(string? text)
    {
        var target = _targets.Read(Others, text);
        if (target is not (RouteTarget.Field or RouteTarget.Nowhere))
        {
            Fault(Others, text!, $"\"{text}\" cannot hold several parameters; write the path of an object, or null");
        }

        var named = entry.Params!.SelectMany(field => field.Key.Split('+')).Select(name => Split(name).Name).ToHashSet();
        return from parameter in model.Parameters.OrderBy(parameter => parameter.Input is not null)
               where !named.Contains(parameter.Name)
               let own = target is RouteTarget.Field { Path: var path } ? new RouteTarget.Field(path.Member(parameter.Name)) : target
               select new RouteField(parameter.Name, Source(parameter), own);
    }

    private IEnumerable<RouteField> ReadField(string ours, string? text)
    {
        var target = _targets.Read(ours, text);
        if (ours == RouteReach.Prompt)
        {
            return Fits(ours, text, new RouteSource.Prompt(_transforms.Marks()), target);
        }

        var names = ours.Split('+');
        var unknown = names.Select(name => Split(name).Name).Where(name => model.Find(name) is null).ToList();
        foreach (var name in unknown.Where(name => !model.LaidAside.Contains(name)))
        {
            faults.UnknownParameter(Section, ours, name, model, RouteReach.Prompt, Others);
        }

        return unknown.Count > 0
            ? names is [var only] && model.LaidAside.Contains(only) ? [new RouteField(ours, new RouteSource.Absent(), target)] : []
            : names.Length == 1 ? ReadOne(ours, text, target)
            : ReadTwo(ours, text, names, target);
    }

    private IEnumerable<RouteField> ReadTwo(string ours, string? text, string[] names, RouteTarget target)
    {
        var parameters = names.Select(name => model.Find(Split(name).Name)!).ToList();
        var isPair = names.Length == 2 && names.All(name => Split(name).Element is null);
        if (!isPair || parameters.Any(parameter => parameter.Input is not null))
        {
            Fault(ours, ours, $"\"{ours}\" combines more than the values of two parameters");
            return [];
        }

        return Fits(ours, text, new RouteSource.Value(names[0], names[1], _transforms.Of(ours, parameters)), target);
    }

    private IEnumerable<RouteField> ReadOne(string ours, string? text, RouteTarget target)
    {
        var (name, element) = Split(ours);
        var parameter = model.Find(name)!;
        if (element is null)
        {
            return Fits(ours, text, Source(parameter), target);
        }

        var index = IndexOf(element);
        if (index is null && element != "[]")
        {
            Fault(ours, ours, $"\"{element}\" must be [] or an index such as [0]");
        }
        else if (parameter.Input is null)
        {
            Fault(ours, ours, $"{name} holds no files, so \"{element}\" names nothing");
        }
        else if (index >= (parameter.Type is ParameterType.String ? 1 : parameter.MaxItems ?? int.MaxValue))
        {
            Fault(ours, ours, $"{name} holds at most {parameter.MaxItems ?? 1} files, so \"{element}\" names nothing");
        }
        else
        {
            RouteSource source = index is { } place
                ? new RouteSource.FileAt(name, place)
                : new RouteSource.OtherFiles(name, NamedPlaces(name));
            return Fits(ours, text, source, target);
        }

        return [];
    }

    private RouteSource Source(ParameterSpec parameter)
    {
        if (parameter.Input is null)
        {
            return new RouteSource.Value(parameter.Name, null, _transforms.Of(parameter.Name, [parameter]));
        }

        var shape = parameter.Type is ParameterType.String ? FileShape.One
            : _transforms.IsOneOrMany(parameter) ? FileShape.OneOrMany
            : FileShape.Array;
        return new RouteSource.Files(parameter.Name, shape);
    }

    private ImmutableArray<int> NamedPlaces(string parameter) =>
    [
        .. entry.Params!
            .Select(member => Split(member.Key))
            .Where(part => part.Name == parameter)
            .Select(part => IndexOf(part.Element))
            .OfType<int>(),
    ];

    // [0] is 0; [] and anything else is none.
    private static int? IndexOf(string? element) =>
        element is { Length: > 2 } && element[^1] == ']'
        && int.TryParse(element[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : null;

    // What a source can be sent to.
    private IEnumerable<RouteField> Fits(string ours, string? text, RouteSource source, RouteTarget target)
    {
        var isPlain = target is RouteTarget.Field or RouteTarget.Nowhere;
        var fault = (source, target) switch
        {
            (not RouteSource.Value, _) when !isPlain => "the prompt and files need a field of the vendor's, or null",
            (RouteSource.Value value, RouteTarget.ModelPart) when !_transforms.IsText(value) => "only a text can be a part of the model id",
            (RouteSource.Prompt or RouteSource.Value or RouteSource.Files, RouteTarget.Field { Path.IsNumbered: true }) =>
                "{n} is the number of a file; write the files with [] or an index",
            (RouteSource.Prompt or RouteSource.Value, RouteTarget.Field { Path.EndsInMembers: true }) =>
                "the path ends in an element with members; name the member that holds the value",
            _ => null,
        };
        if (fault is null)
        {
            return [new RouteField(ours, source, target)];
        }

        Fault(ours, text!, $"\"{text}\" does not fit {ours}: {fault}");
        return [];
    }

    private void Fault(string ours, string word, string what) => faults.Add(Section, ours, word, what);
}
