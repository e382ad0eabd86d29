namespace Zoetrope.Server.Egress;

/// <summary>Settings of the only way out (<c>Zoetrope:Egress</c>).</summary>
internal sealed class EgressOptions
{
    /// <summary>
    /// Private hosts that URLs of customers and of provider results may reach, comma-separated: <c>host</c>,
    /// <c>host:port</c>, an IP address or a CIDR block. Empty by default: nothing private can be reached.
    /// Plain http is allowed to these hosts.
    /// </summary>
    public string AllowedPrivateHosts { get; set; } = "";

    /// <summary>Whether plain http to public hosts is allowed too. Off: an input fetched in the clear can be replaced on the way.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Redirects followed, each checked like the first URL.</summary>
    public int MaxRedirects { get; set; } = 3;

    /// <summary>Time to resolve and connect to one host, over all its addresses.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time from the request to the response's headers.</summary>
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Longest silence inside a body.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Average bytes a second below which a body is given up, measured after <see cref="IdleTimeout"/>.</summary>
    public int MinimumBytesPerSecond { get; set; } = 8 * 1024;

    /// <summary>Largest total of a response's headers, in KiB.</summary>
    public int MaxHeaderKilobytes { get; set; } = 32;

    /// <summary>Time of one call to a provider's configured URL, body included.</summary>
    public TimeSpan OperatorTimeout { get; set; } = TimeSpan.FromMinutes(5);
}
