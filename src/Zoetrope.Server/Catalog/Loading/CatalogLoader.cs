using System.Collections.Immutable;
using System.Security.Cryptography;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Catalog.Loading;

/// <summary>Builds a snapshot from the embedded catalogue and the operator's file, or reports every error.</summary>
internal static class CatalogLoader
{
    private const string ResourceName = "catalog.json";

    /// <summary>The catalogue inside the binary.</summary>
    public static byte[] Embedded()
    {
        var assembly = typeof(CatalogLoader).Assembly;
        var name = assembly.GetManifestResourceNames().FirstOrDefault(name => name.EndsWith(ResourceName, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"The assembly has no embedded {ResourceName}.");
        using var stream = assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>
    /// The embedded catalogue with the operator's file over it. A test has proven the embedded one, so only what the file adds or changes
    /// is checked: the start has no time to waste.
    /// </summary>
    /// <param name="operatorFile">The operator's file; null is none.</param>
    /// <param name="providers">The providers that a route can use; null takes <see cref="RouteSpec.KnownProviders"/>.</param>
    public static LoadedCatalog Load(byte[]? operatorFile, IReadOnlyList<RouteProvider>? providers = null) =>
        Load(Embedded(), operatorFile, isProven: true, providers);

    /// <summary>Checks everything, the lower file too.</summary>
    /// <param name="embedded">The catalogue inside the binary.</param>
    /// <param name="operatorFile">The operator's file, merged over it; null is none.</param>
    /// <param name="providers">The providers that a route can use; null takes <see cref="RouteSpec.KnownProviders"/>.</param>
    public static LoadedCatalog Load(
        ReadOnlySpan<byte> embedded, byte[]? operatorFile = null, IReadOnlyList<RouteProvider>? providers = null) =>
        Load(embedded, operatorFile, isProven: false, providers);

    private static LoadedCatalog Load(
        ReadOnlySpan<byte> embedded, byte[]? operatorFile, bool isProven, IReadOnlyList<RouteProvider>? providers = null)
    {
        var errors = new List<CatalogError>();
        var source = new CatalogSource(errors);
        source.Add(embedded, ResourceName, isProven);
        if (operatorFile is not null)
        {
            source.Add(operatorFile, "operator file", isProven: false);
        }

        var models = source.Models
            .Select(entry => ModelReader.Read(
                entry.Value, source.Ignored, providers ?? RouteSpec.KnownProviders, new Place($"models[{entry.Key}]", errors)))
            .OfType<ModelSpec>()
            .ToImmutableArray();
        CheckNames(models, source.Models.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase), errors);
        if (errors.Count == 0)
        {
            errors.AddRange(models
                .Where(model => !source.Models[model.Id].IsProven)
                .SelectMany(CatalogProof.Check)
                .Select(line => (CatalogError)line));
        }

        return errors.Count == 0
            ? new LoadedCatalog(new ModelCatalog(models) { Print = PrintOf(embedded, operatorFile) }, [])
            : new LoadedCatalog(null, errors);
    }

    private static string PrintOf(ReadOnlySpan<byte> embedded, byte[]? operatorFile)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(embedded);
        hash.AppendData(operatorFile ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    private static void CheckNames(ImmutableArray<ModelSpec> models, HashSet<string> ids, List<CatalogError> errors)
    {
        var owners = models.ToDictionary(model => model.Id, model => model.Id, StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
        {
            foreach (var alias in model.Aliases)
            {
                if (!owners.TryAdd(alias, model.Id))
                {
                    errors.Add($"models[{model.Id}].aliases: \"{alias}\" already names {owners[alias]}. Choose another alias.");
                }
            }

            if (model.Lifecycle.Replacement is { } replacement && !ids.Contains(replacement))
            {
                errors.Add($"models[{model.Id}].lifecycle.replacement: Unknown model `{replacement}`. Allowed: the id of a model.");
            }
        }
    }
}

/// <summary>The snapshot, or null with everything that is wrong.</summary>
internal sealed class LoadedCatalog(ModelCatalog? catalog, IReadOnlyList<CatalogError> errors)
{
    public ModelCatalog? Catalog => catalog;

    public IReadOnlyList<CatalogError> Errors => errors;

    /// <summary>The errors as lines.</summary>
    public void Deconstruct(out ModelCatalog? loaded, out IReadOnlyList<string> lines) =>
        (loaded, lines) = (catalog, [.. errors.Select(error => error.ToString())]);
}
