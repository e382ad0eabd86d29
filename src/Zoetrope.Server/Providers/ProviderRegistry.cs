using System.Collections.Frozen;

namespace Zoetrope.Server.Providers;

/// <summary>The configured adapters by name, each with its gate; and the profiles of all vendors, configured or not.</summary>
internal sealed class ProviderRegistry
{
    /// <summary>The built-in provider of test keys.</summary>
    public const string Sandbox = "sandbox";

    private readonly FrozenDictionary<string, IProviderAdapter> _adapters;
    private readonly FrozenDictionary<string, ProviderOptions> _options;
    private readonly FrozenDictionary<string, ProviderGate> _gates;
    private readonly FrozenDictionary<string, ProviderProfile> _profiles;

    public ProviderRegistry(
        IEnumerable<IProviderAdapter> adapters,
        IEnumerable<Vendor> vendors,
        ProvidersOptions options,
        ProviderToolbox toolbox)
    {
        var byName = new Dictionary<string, IProviderAdapter>(StringComparer.Ordinal);
        foreach (var adapter in adapters)
        {
            if (!byName.TryAdd(adapter.Profile.Name, adapter))
            {
                throw new InvalidOperationException($"Two adapters are registered as provider '{adapter.Profile.Name}'.");
            }
        }

        var all = vendors.ToList();
        foreach (var vendor in all)
        {
            var name = vendor.Profile.Name;
            if (!byName.ContainsKey(name) && toolbox.For(vendor.Profile, options.Of(name)) is { } tools)
            {
                byName.Add(name, vendor.Create(tools));
            }
        }

        _profiles = all.Select(vendor => vendor.Profile).Concat(byName.Values.Select(adapter => adapter.Profile))
            .DistinctBy(profile => profile.Name).ToFrozenDictionary(profile => profile.Name, StringComparer.Ordinal);
        _adapters = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _options = byName.Keys.ToFrozenDictionary(name => name, options.Of, StringComparer.Ordinal);
        _gates = byName.Keys.ToFrozenDictionary(
            name => name, name => Gate(byName[name].Profile, options.Of(name), toolbox.Time), StringComparer.Ordinal);
    }

    /// <summary>All vendors that this server can call, configured or not, and what else is registered.</summary>
    public IEnumerable<string> AllNames => _profiles.Keys;

    public IEnumerable<string> Names => _adapters.Keys;

    public bool IsConfigured(string provider) => _adapters.ContainsKey(provider);

    public IProviderAdapter Get(string provider) =>
        _adapters.TryGetValue(provider, out var adapter)
            ? adapter
            : throw new KeyNotFoundException(
                $"No adapter is configured for provider '{provider}'. Configured: {string.Join(", ", Names)}.");

    public IProviderAdapter? Find(string provider) => _adapters.GetValueOrDefault(provider);

    public ProviderOptions Options(string provider) => _options[provider];

    public ProviderGate Gate(string provider) => _gates[provider];

    public IEnumerable<ProviderGate> Gates => _gates.Values;

    /// <summary>What is known of a vendor, configured or not; null for a name that no adapter has.</summary>
    public ProviderProfile? Profile(string provider) => _profiles.GetValueOrDefault(provider);

    private static ProviderGate Gate(ProviderProfile profile, ProviderOptions options, TimeProvider time)
    {
        var keys = ProviderGate.ReadKeys(options.ApiKey);
        return new ProviderGate(profile.Name, keys.Count > 0 ? keys : [ProviderKey.None], guarded: !profile.BuiltIn, time);
    }
}
