using System.Collections;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting;

/// <summary>What a server needs to know before it can read its settings.</summary>
/// <param name="Urls">Where to listen; port 0 takes a free one.</param>
/// <param name="DataDirectory">Where everything is kept that must survive.</param>
/// <param name="Overrides">Settings that win over file and environment, as <c>Section:Key</c>.</param>
internal sealed record HostSettings(string Urls, string DataDirectory, IReadOnlyDictionary<string, string?>? Overrides = null)
{
    public const string DefaultUrls = "http://127.0.0.1:8080";
    public const string DefaultDataDirectory = "./data";

    /// <summary>
    /// The process's environment, where vendors' own key variables are looked for; null sees none of them, so that a test
    /// never finds a real key.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>The vendors that the server can call.</summary>
    public IReadOnlyList<VendorRegistration> Vendors { get; init; } = ProvidersFeature.Vendors;

    public static HostSettings FromEnvironment() => new(
        Environment.GetEnvironmentVariable("ZOETROPE_URLS") is { Length: > 0 } urls ? urls : DefaultUrls,
        Path.GetFullPath(Environment.GetEnvironmentVariable("ZOETROPE_DATA") is { Length: > 0 } data ? data : DefaultDataDirectory))
    {
        Variables = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""),
    };
}
