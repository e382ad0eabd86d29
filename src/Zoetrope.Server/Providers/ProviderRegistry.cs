using System.Collections.Frozen;

namespace Zoetrope.Server.Providers;

/// <summary>The configured adapters by name.</summary>
internal sealed class ProviderRegistry
{
    /// <summary>The built-in provider of test keys.</summary>
    public const string Sandbox = "sandbox";

    private readonly FrozenDictionary<string, IProviderAdapter> _adapters;
    private readonly FrozenDictionary<string, ProviderOptions> _options;

    public ProviderRegistry(IEnumerable<IProviderAdapter> adapters, ProvidersOptions options)
    {
        var byName = new Dictionary<string, IProviderAdapter>(StringComparer.Ordinal);
        foreach (var adapter in adapters)
        {
            if (!byName.TryAdd(adapter.Name, adapter))
            {
                throw new InvalidOperationException($"Two adapters are registered as provider '{adapter.Name}'.");
            }
        }

        _adapters = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _options = byName.Keys.ToFrozenDictionary(name => name, name => options.Of(name), StringComparer.Ordinal);
    }

    public IEnumerable<string> Names => _adapters.Keys;

    public bool IsConfigured(string provider) => _adapters.ContainsKey(provider);

    public IProviderAdapter Get(string provider) =>
        _adapters.TryGetValue(provider, out var adapter) ? adapter : throw new KeyNotFoundException($"No adapter is configured for provider '{provider}'. Configured: {string.Join(", ", Names)}.");

    public ProviderOptions Options(string provider) => _options[provider];
}

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
}
