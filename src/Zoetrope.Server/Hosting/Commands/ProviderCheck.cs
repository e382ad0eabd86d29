using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>A vendor as this server knows it.</summary>
/// <param name="Profile">What it is.</param>
/// <param name="ConfiguredBy">The variable or file that enables it; null where nothing does.</param>
/// <param name="Keys">One check for each key.</param>
/// <param name="Models">Catalogue models with a route to it.</param>
internal sealed record ProviderStatus(
    ProviderProfile Profile, string? ConfiguredBy, IReadOnlyList<KeyCheck> Keys, IReadOnlyList<string> Models);

/// <summary>Every known vendor with its keys proven by calls that cost nothing, and what that means for the models.</summary>
internal sealed class ProviderCheck(ProviderRegistry registry, ModelCatalog catalog, Settings settings, TimeProvider time)
{
    public async Task<Answer> RunAsync(CancellationToken cancellationToken)
    {
        var names = registry.AllNames.Order(StringComparer.Ordinal);
        var providers = await Task.WhenAll(names.Select(name => StatusAsync(registry.Profile(name)!, cancellationToken)));
        var bad = providers.Where(provider => provider.Keys.Any(key => key.IsBad)).Select(provider => provider.Profile.Name).ToList();
        return new Answer(Json(providers), console => Show(console, providers))
        {
            Failure = bad.Count == 0
                ? null
                : ("PROVIDER_CHECK_FAILED", $"These providers rejected a key or were unreachable: {string.Join(", ", bad)}."),
        };
    }

    private IEnumerable<ModelSpec> Models =>
        catalog.Models.Where(model => model.Lifecycle.Status is not LifecycleStatus.Retired)
            .OrderBy(model => model.Id, StringComparer.Ordinal);

    private async Task<ProviderStatus> StatusAsync(ProviderProfile profile, CancellationToken cancellationToken)
    {
        var models = Models.Where(model => model.Routes.Any(route => route.Provider == profile.Name)).Select(model => model.Id).ToList();
        if (!registry.IsConfigured(profile.Name))
        {
            return new ProviderStatus(profile, null, [], models);
        }

        var source = settings.SourceOf($"Providers:{profile.Name}:ApiKey")
            ?? settings.SourceOf($"Providers:{profile.Name}:BaseUrl")
            ?? profile.EnabledBy;
        var checks = await new KeyChecks(registry, time).RunAsync(profile.Name, cancellationToken);
        return new ProviderStatus(profile, source, checks, models);
    }

    private IEnumerable<string> EnabledBy(ModelSpec model) =>
        model.Routes.Select(
            route => registry.Profile(route.Provider)?.EnabledBy ?? $"Zoetrope__Providers__{route.Provider}__ApiKey").Distinct();

    private bool IsAvailable(ModelSpec model) => model.Routes.Any(route => registry.IsConfigured(route.Provider));

    private JsonObject Json(IReadOnlyList<ProviderStatus> providers) => new()
    {
        ["providers"] = new JsonArray([.. providers.Select(provider => new JsonObject
        {
            ["name"] = provider.Profile.Name,
            ["title"] = provider.Profile.Title,
            ["configuredBy"] = provider.ConfiguredBy,
            ["enabledBy"] = provider.Profile.EnabledBy,
            ["keys"] = new JsonArray(
                [.. provider.Keys.Select(key => new JsonObject { ["id"] = key.KeyId, ["result"] = key.Result, ["detail"] = key.Detail })]),
            ["models"] = new JsonArray([.. provider.Models.Select(model => JsonValue.Create(model))]),
        })]),
        ["models"] = new JsonArray([.. Models.Select(model => new JsonObject
        {
            ["id"] = model.Id,
            ["available"] = IsAvailable(model),
            ["routes"] = new JsonArray([.. model.Routes.Select(route => new JsonObject
            {
                ["provider"] = route.Provider,
                ["model"] = route.Model,
                ["configured"] = registry.IsConfigured(route.Provider),
            })]),
            ["enabledBy"] = new JsonArray([.. EnabledBy(model).Select(name => JsonValue.Create(name))]),
        })]),
    };

    private void Show(IAnsiConsole console, IReadOnlyList<ProviderStatus> providers)
    {
        var table = CommandOutput.NewTable("PROVIDER", "CONFIGURED BY", "KEY", "CHECK", "MODELS", "DETAIL").Wrapping("DETAIL");
        foreach (var provider in providers)
        {
            if (provider.ConfiguredBy is not { } source)
            {
                table.AddRow(
                    provider.Profile.Name, "", "", "off", $"{provider.Models.Count}", Markup.Escape($"set {provider.Profile.EnabledBy}"));
            }
            else
            {
                foreach (var key in provider.Keys)
                {
                    table.AddRow(
                        provider.Profile.Name,
                        Markup.Escape(source),
                        key.KeyId,
                        key.Result,
                        $"{provider.Models.Count}",
                        Markup.Escape(key.Detail));
                }
            }
        }

        console.Write(table);
        console.WriteLine();
        var models = CommandOutput.NewTable("MODEL", "ROUTES", "OR SET").Cutting("ROUTES").Wrapping("OR SET");
        foreach (var model in Models)
        {
            var routes = model.Routes.Where(route => registry.IsConfigured(route.Provider))
                .Select(route => $"{route.Provider} {route.Model}")
                .ToList();
            models.AddRow(
                model.Id,
                routes.Count == 0 ? "unavailable" : Markup.Escape(string.Join(", ", routes)),
                Markup.Escape(routes.Count == 0 ? string.Join(", ", EnabledBy(model)) : ""));
        }

        console.Write(models);
    }
}
