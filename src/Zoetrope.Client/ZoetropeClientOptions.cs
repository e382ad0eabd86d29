namespace Zoetrope.Client;

/// <summary>How a <see cref="ZoetropeClient"/> behaves.</summary>
public sealed record ZoetropeClientOptions
{
    /// <summary>How often one call is tried again after a lost connection, 408, 429 or 5xx.</summary>
    public int MaxRetries { get; init; } = 4;

    /// <summary>The first pause between two tries; it doubles, with some chance in it. The server's <c>Retry-After</c> wins.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause. A <c>Retry-After</c> beyond it is not waited for: the refusal is thrown.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that one try may take until its answer has begun.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>A stream of events that is silent for so long is taken for dead and resumed; the server writes every 15 seconds.</summary>
    public TimeSpan StreamSilence { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Sends the requests, for proxies and tests; it stays its owner's. Must not follow redirects.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The clock of the pauses.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
