using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>What a route must fit: the model that it serves.</summary>
/// <param name="Parameters">The model's parameters.</param>
/// <param name="LaidAside">
/// Parameters of a shared fragment that the model removes with null. A shared route may name them; they mean nothing here.
/// </param>
/// <param name="Prompt">The model's prompt.</param>
/// <param name="Providers">Every name that a route may use.</param>
internal sealed record RoutedModel(
    IReadOnlyList<ParameterSpec> Parameters,
    IReadOnlySet<string> LaidAside,
    PromptSpec Prompt,
    IReadOnlyList<RouteProvider> Providers)
{
    public ParameterSpec? Find(string name) => Parameters.FirstOrDefault(parameter => parameter.Name == name);
}
