using System.Text.Json;
using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>
/// A route as the catalogue writes it, before its words mean anything. Members whose value is null are left out, except in
/// <see cref="Params"/>.
/// </summary>
internal sealed record RouteEntry
{
    public required string Provider { get; init; }

    public required string Model { get; init; }

    /// <summary>Our name to the vendor's field, or to null where it has none; null where the route has no <c>params</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>>? Params { get; init; }

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Transforms { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Accepts { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Implied { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Fixed { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, JsonElement>> Extra { get; init; } = [];

    public string? Note { get; init; }
}

/// <summary>What a route must fit: the model that it serves.</summary>
/// <param name="Parameters">The model's parameters.</param>
/// <param name="LaidAside">
/// Parameters that the model takes away from a shared fragment with null. A shared route may name them; they mean nothing here.
/// </param>
/// <param name="Prompt">The model's prompt.</param>
/// <param name="Providers">Every name that a route may use.</param>
internal sealed record RoutedModel(
    IReadOnlyList<ParameterSpec> Parameters,
    IReadOnlySet<string> LaidAside,
    PromptSpec Prompt,
    IReadOnlyCollection<string> Providers)
{
    public ParameterSpec? Find(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);
}
