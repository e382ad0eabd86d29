namespace Zoetrope.Client;

/// <summary>Where the server is and who asks, for <c>AddZoetropeClient</c>. A section of the configuration can be bound to it.</summary>
public sealed class ZoetropeClientSettings
{
    /// <summary>The server, as <c>https://media.example.com</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>An API key (<c>sk-…</c>).</summary>
    public string? ApiKey { get; set; }

    /// <summary>Tries, pauses and time limits. Its <see cref="ZoetropeClientOptions.Handler"/> is not used: the handlers are those of the returned builder.</summary>
    public ZoetropeClientOptions Client { get; set; } = new();
}
