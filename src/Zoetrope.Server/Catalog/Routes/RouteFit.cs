using System.Text.Json;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>
/// Whether a route can honour everything a request asks for. What it cannot makes it ineligible: nothing is dropped in silence.
/// </summary>
internal static class RouteFit
{
    /// <summary>The first thing this route cannot do; null where it can do all.</summary>
    /// <param name="route">The route.</param>
    /// <param name="form">What its vendor accepts as files; null if the vendor is unknown.</param>
    /// <param name="request">What is asked.</param>
    public static RouteGap? Gap(RouteSpec route, InputForm? form, RouteRequest request)
    {
        if (request.Prompt.Length > 0 && Outside(route, RouteReach.Prompt, request.Prompt.Length) is { } tooLong)
        {
            return new RouteGap(RouteReach.Prompt, $"{request.Prompt.Length} characters", tooLong);
        }

        foreach (var parameter in request.Parameters.EnumerateObject())
        {
            if (parameter.Value.ValueKind is not JsonValueKind.Null && !request.Files.ContainsKey(parameter.Name)
                && OfValue(Reach(route, parameter.Name), parameter.Name, parameter.Value) is { } gap)
            {
                return gap;
            }
        }

        if (request.KeepsAlpha && !route.SaysFormat)
        {
            return new RouteGap("input files", "a picture with transparency", "its result has none");
        }

        var all = request.Files.Values.Sum(files => files.Count);
        if (Outside(route, RouteReach.AllFiles, all) is { } tooMany)
        {
            return new RouteGap("input files", $"{all} files", tooMany);
        }

        return request.Files.Select(files => OfFiles(route, form, request, files.Key, files.Value)).FirstOrDefault(gap => gap is not null);
    }

    private static RouteGap? OfValue(RouteReach reach, string name, JsonElement value)
    {
        var can = !reach.IsSent
            ? reach.Implied is not { } implied ? "it has no such parameter"
                : implied.Contains(value) ? null : $"it always uses {implied}"
            : reach.Accepts switch
            {
                Acceptance.Values accepted when !accepted.Set.Contains(value) => $"it supports {accepted.Set}",
                Acceptance.Range range when value.ValueKind is JsonValueKind.Number => range.Broken(value.GetDouble()),
                _ => null,
            };
        return can is null ? null : new RouteGap(name, value.GetRawText(), can);
    }

    private static RouteGap? OfFiles(RouteSpec route, InputForm? form, RouteRequest request, string parameter, RouteFiles files)
    {
        var places = Reach(route, parameter).FilePlaces;
        var can = files.Count > places ? places == 0 ? "it accepts none" : $"it accepts at most {places}"
            : Outside(route, parameter, files.Count) is { } range ? range
            : !request.PublicAddress && form?.UrlOnly.Contains(files.Kind) == true
                ? "it fetches these from a public URL, and this server has none (set Zoetrope__PublicUrl)"
                : null;
        return can is null ? null : new RouteGap(parameter, $"{files.Count} files", can);
    }

    private static RouteReach Reach(RouteSpec route, string name) => route.Reach.GetValueOrDefault(name, RouteReach.None);

    private static string? Outside(RouteSpec route, string name, double value) =>
        Reach(route, name).Accepts is Acceptance.Range range ? range.Broken(value) : null;
}

/// <summary>What of a request decides whether a route fits.</summary>
/// <param name="Prompt">As written by the client.</param>
/// <param name="Parameters">Resolved, by our names.</param>
/// <param name="Files">How many input files each parameter names.</param>
/// <param name="PublicAddress">Whether vendors can fetch files from this server.</param>
internal sealed record RouteRequest(
    string Prompt, JsonElement Parameters, IReadOnlyDictionary<string, RouteFiles> Files, bool PublicAddress)
{
    /// <summary>Whether the result must keep the transparency of the input, in a format that no parameter chose.</summary>
    public bool KeepsAlpha { get; init; }

    /// <param name="prompt">As written by the client.</param>
    /// <param name="parameters">Resolved, by our names.</param>
    /// <param name="files">Each input file: its parameter and what it is.</param>
    /// <param name="publicAddress">Whether vendors can fetch files from this server.</param>
    public static RouteRequest Of(
        string prompt, JsonElement parameters, IEnumerable<(string Parameter, InputKind Kind)> files, bool publicAddress) =>
        new(
            prompt,
            parameters,
            files.GroupBy(file => file.Parameter).ToDictionary(same => same.Key, same => new RouteFiles(same.First().Kind, same.Count())),
            publicAddress);
}

internal sealed record RouteFiles(InputKind Kind, int Count);

/// <summary>What a route cannot honour.</summary>
internal sealed record RouteGap(string Parameter, string Asked, string Can);
