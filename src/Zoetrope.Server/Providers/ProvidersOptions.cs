namespace Zoetrope.Server.Providers;

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

    /// <summary>
    /// The vendor's API key, or several: <c>key1,key2*3</c> uses the second one three times as often. Enables the provider.
    /// </summary>
    public string ApiKey { get; init; } = "";

    /// <summary>The API's URL if it is not the vendor's own. The operator is trusted, so it is reached directly.</summary>
    public string BaseUrl { get; init; } = "";

    /// <summary>
    /// Whether no 5xx to a submit counts as a refusal, not even the vendor's documented word for "not now": each one is then an
    /// unknown outcome.
    /// </summary>
    public bool Strict { get; init; }
}
