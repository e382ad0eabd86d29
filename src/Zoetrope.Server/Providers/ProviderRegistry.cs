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
        ProvidersOptions options,
        ProviderToolbox toolbox,
        TimeProvider time,
        IServiceProvider services,
        ILogger<ProviderRegistry> logger)
    {
        var byName = new Dictionary<string, IProviderAdapter>(StringComparer.Ordinal);
        foreach (var adapter in adapters)
        {
            if (!byName.TryAdd(adapter.Profile.Name, adapter))
            {
                throw new InvalidOperationException($"Two adapters are registered as provider '{adapter.Profile.Name}'.");
            }
        }

        foreach (var registration in ProvidersFeature.Vendors)
        {
            var name = registration.Profile.Name;
            if (!byName.ContainsKey(name) && toolbox.For(registration.Profile, options.Of(name)) is { } tools)
            {
                byName.Add(name, registration.Create(tools, services));
            }
        }

        _profiles = ProvidersFeature.Vendors.Select(vendor => vendor.Profile).Concat(byName.Values.Select(adapter => adapter.Profile))
            .DistinctBy(profile => profile.Name).ToFrozenDictionary(profile => profile.Name, StringComparer.Ordinal);
        _adapters = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _options = byName.Keys.ToFrozenDictionary(name => name, options.Of, StringComparer.Ordinal);
        _gates = byName.Keys.ToFrozenDictionary(name => name, name => Gate(byName[name].Profile, options.Of(name), time, logger), StringComparer.Ordinal);
    }

    public IEnumerable<string> Names => _adapters.Keys;

    public bool IsConfigured(string provider) => _adapters.ContainsKey(provider);

    public IProviderAdapter Get(string provider) =>
        _adapters.TryGetValue(provider, out var adapter) ? adapter : throw new KeyNotFoundException($"No adapter is configured for provider '{provider}'. Configured: {string.Join(", ", Names)}.");

    public IProviderAdapter? Find(string provider) => _adapters.GetValueOrDefault(provider);

    public ProviderOptions Options(string provider) => _options[provider];

    public ProviderGate Gate(string provider) => _gates[provider];

    /// <summary>What is known of a vendor, configured or not; null for a name that no adapter has.</summary>
    public ProviderProfile? Profile(string provider) => _profiles.GetValueOrDefault(provider);

    private static ProviderGate Gate(ProviderProfile profile, ProviderOptions options, TimeProvider time, ILogger logger)
    {
        var keys = ProviderGate.ReadKeys(options.ApiKey);
        return new ProviderGate(profile.Name, keys.Count > 0 ? keys : [ProviderKey.None], guarded: !profile.BuiltIn, time, logger);
    }
}

/// <summary>A vendor that the server can call once it is configured.</summary>
/// <param name="Profile">What is known of it before.</param>
/// <param name="Create">Makes the adapter of a configured vendor; the services hold its own options, if it has any.</param>
internal sealed record ProviderRegistration(ProviderProfile Profile, Func<ProviderTools, IServiceProvider, IProviderAdapter> Create);

/// <summary>Section <c>Zoetrope:Providers</c>: one entry per provider name.</summary>
internal sealed class ProvidersOptions : Dictionary<string, ProviderOptions>
{
    public ProvidersOptions()
        : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    public ProviderOptions Of(string provider) => TryGetValue(provider, out var options) ? options : new ProviderOptions();
}

/// <summary>Section <c>Zoetrope:Providers:&lt;name&gt;</c>.</summary>
internal sealed class ProviderOptions
{
    /// <summary>Jobs that may be at this provider at once; further tasks wait in our queue. 0 pauses the provider.</summary>
    public int Concurrency { get; init; } = 32;

    /// <summary>The vendor's API key, or several: <c>key1,key2*3</c> takes the second one three times as often. Enables the provider.</summary>
    public string ApiKey { get; init; } = "";

    /// <summary>The vendor's API address where it is not the vendor's own; the operator's word, reached directly.</summary>
    public string BaseUrl { get; init; } = "";
}
