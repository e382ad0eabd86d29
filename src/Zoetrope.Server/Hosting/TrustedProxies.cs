using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Zoetrope.Server.Artifacts;
using IPNetwork = System.Net.IPNetwork;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// What proxies in front of the server say about a request is believed only of those that the operator names. Behind them the
/// rightmost address that is not one of them is the client's, for every limit by address.
/// </summary>
internal static class TrustedProxies
{
    /// <summary>Reads addresses and networks; null for a text that is neither.</summary>
    public static IReadOnlyList<IPNetwork>? Read(string setting)
    {
        var networks = new List<IPNetwork>();
        foreach (var part in setting.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(part, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(part, out var network))
            {
                networks.Add(network);
            }
            else
            {
                return null;
            }
        }

        return networks;
    }

    /// <summary>Outermost: everything behind sees the client's address, scheme and host.</summary>
    /// <param name="app">The server.</param>
    /// <param name="setting">The setting <c>Server:TrustedProxies</c>.</param>
    /// <param name="artifacts">Whose URLs begin with the address that the client used, where the operator named none.</param>
    /// <param name="isAddressKnown">Whether the operator has set <c>PublicUrl</c>.</param>
    public static void UseTrustedProxies(this WebApplication app, string setting, ArtifactOptions artifacts, bool isAddressKnown)
    {
        if (Read(setting) is not { Count: > 0 } networks)
        {
            return;
        }

        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in networks)
        {
            options.KnownIPNetworks.Add(network);
        }

        if (isAddressKnown)
        {
            app.UseForwardedHeaders(options);
            return;
        }

        app.Use((context, next) =>
        {
            if (IsToldAddress(context, networks))
            {
                context.Features.Set(new ToldAddress());
            }

            return next(context);
        });
        app.UseForwardedHeaders(options);
        app.Use((context, next) =>
        {
            if (context.Features.Get<ToldAddress>() is not null
                && Uri.TryCreate($"{context.Request.Scheme}://{context.Request.Host}", UriKind.Absolute, out var asked)
                && asked.Scheme is "http" or "https")
            {
                artifacts.AnswerAt(asked);
            }

            return next(context);
        });
    }

    private static bool IsToldAddress(HttpContext context, IReadOnlyList<IPNetwork> networks)
    {
        var headers = context.Request.Headers;
        return (headers.ContainsKey(ForwardedHeadersDefaults.XForwardedHostHeaderName)
                || headers.ContainsKey(ForwardedHeadersDefaults.XForwardedProtoHeaderName))
            && context.Connection.RemoteIpAddress is { } remote
            && (remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote) is var address
            && networks.Any(network => network.Contains(address));
    }

    private sealed class ToldAddress;
}
