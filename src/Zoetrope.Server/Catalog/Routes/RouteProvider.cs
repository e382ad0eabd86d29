using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Routes;

/// <summary>A provider as the catalogue knows it.</summary>
/// <param name="Name">The name in routes.</param>
/// <param name="Extras">What its adapter reads from a route's <c>extra</c>; it reads nothing else.</param>
internal sealed record RouteProvider(string Name, ImmutableArray<RouteExtra> Extras);

/// <summary>A text in a route's <c>extra</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Required">Whether the adapter can do nothing without it.</param>
internal sealed record RouteExtra(string Name, bool Required = false);
