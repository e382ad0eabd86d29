using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>Whether a route can honour everything a request asks for. What it cannot makes it ineligible: nothing is dropped in silence.</summary>
internal static class RouteFit
{
    /// <summary>In a route's <c>accepts</c>: the input files of all parameters together.</summary>
    private const string AllFiles = "*";

    /// <summary>The first thing this route cannot do; null where it can do all.</summary>
    /// <param name="route">The route.</param>
    /// <param name="profile">What its vendor takes as files.</param>
    /// <param name="request">What is asked.</param>
    public static RouteGap? Gap(RouteSpec route, ProviderProfile? profile, RouteRequest request)
    {
        if (request.Prompt.Length > 0 && Outside(route, "prompt", request.Prompt.Length) is { } tooLong)
        {
            return new RouteGap("prompt", $"{request.Prompt.Length} characters", tooLong);
        }

        foreach (var parameter in request.Parameters.EnumerateObject())
        {
            if (parameter.Value.ValueKind is JsonValueKind.Null || request.Files.ContainsKey(parameter.Name))
            {
                continue;
            }

            if (Of(route, parameter.Name, parameter.Value) is { } gap)
            {
                return gap;
            }
        }

        var all = request.Files.Values.Sum(files => files.Count);
        if (Outside(route, AllFiles, all) is { } tooMany)
        {
            return new RouteGap("input files", $"{all} files", tooMany);
        }

        return request.Files.Select(files => OfFiles(route, profile, request, files.Key, files.Value)).FirstOrDefault(gap => gap is not null);
    }

    private static RouteGap? Of(RouteSpec route, string name, JsonElement value)
    {
        var fields = route.Params.Where(field => field.Path is not null && field.Ours.Split('+').Contains(name)).ToList();
        if (fields.Count == 0 && !TakesOthers(route, name))
        {
            return route.Implied.TryGetValue(name, out var implied) && (implied.ValueKind is JsonValueKind.Array ? implied.EnumerateArray().Any(item => Same(item, value)) : Same(implied, value))
                ? null
                : new RouteGap(name, value.GetRawText(), implied.ValueKind is JsonValueKind.Undefined ? "it has no such parameter" : $"it always does {implied.GetRawText()}");
        }

        if (route.Accepts.TryGetValue(name, out var accepts))
        {
            if (accepts.ValueKind is JsonValueKind.Array && !accepts.EnumerateArray().Any(item => Same(item, value)))
            {
                return new RouteGap(name, value.GetRawText(), $"it does {accepts.GetRawText()}");
            }

            if (value.ValueKind is JsonValueKind.Number && Outside(route, name, value.GetDouble()) is { } range)
            {
                return new RouteGap(name, value.GetRawText(), range);
            }
        }

        return null;
    }

    private static RouteGap? OfFiles(RouteSpec route, ProviderProfile? profile, RouteRequest request, string parameter, RouteFiles files)
    {
        var named = route.Params.Where(field => field.Path is not null && RouteTranslation.Split(field.Ours).Parameter == parameter).ToList();
        var places = named.Any(field => RouteTranslation.Split(field.Ours).Element is null or "") ? int.MaxValue : named.Count;
        if (files.Count > places && !TakesOthers(route, parameter))
        {
            return new RouteGap(parameter, $"{files.Count} files", places == 0 ? "it takes none" : $"it takes at most {places}");
        }

        if (Outside(route, parameter, files.Count) is { } range)
        {
            return new RouteGap(parameter, $"{files.Count} files", range);
        }

        return !request.PublicAddress && profile?.Inputs.UrlOnly.Contains(files.Kind) == true
            ? new RouteGap(parameter, $"{files.Count} files", "it fetches these from a public URL, and this server has none: set Zoetrope__PublicUrl")
            : null;
    }

    private static bool TakesOthers(RouteSpec route, string name) =>
        !route.Names(name) && route.Params.Any(field => field is { Ours: RouteField.Others, Path: not null });

    private static string? Outside(RouteSpec route, string name, double value)
    {
        if (!route.Accepts.TryGetValue(name, out var limits) || limits.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }

        return limits.NumberAt("max") is { } max && value > max ? $"at most {max} there"
            : limits.NumberAt("min") is { } min && value < min ? $"at least {min} there"
            : null;
    }

    private static bool Same(JsonElement one, JsonElement other) => one.ValueKind == other.ValueKind && one.ValueKind switch
    {
        JsonValueKind.String => one.GetString() == other.GetString(),
        JsonValueKind.Number => one.GetDouble().Equals(other.GetDouble()),
        _ => one.GetRawText() == other.GetRawText(),
    };
}

/// <summary>What of a request decides whether a route fits.</summary>
/// <param name="Prompt">As written by the client.</param>
/// <param name="Parameters">Resolved, by our names.</param>
/// <param name="Files">How many input files each parameter names.</param>
/// <param name="PublicAddress">Whether vendors can fetch files from this server.</param>
internal sealed record RouteRequest(string Prompt, JsonElement Parameters, IReadOnlyDictionary<string, RouteFiles> Files, bool PublicAddress);

internal sealed record RouteFiles(InputKind Kind, int Count);

/// <summary>What a route cannot honour.</summary>
internal sealed record RouteGap(string Parameter, string Asked, string Can);
