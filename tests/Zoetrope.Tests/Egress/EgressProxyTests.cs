using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Egress;

namespace Zoetrope.Tests.Egress;

/// <summary>Changes what the whole process sees, so it runs beside nothing.</summary>
[CollectionDefinition(nameof(EgressProxyTests), DisableParallelization = true)]
[Collection(nameof(EgressProxyTests))]
public sealed class EgressProxyTests
{
    [Fact]
    public async Task The_environments_proxy_is_ignored()
    {
        using var canary = new TcpListener(IPAddress.Loopback, 0);
        canary.Start();
        string[] names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
        var before = HttpClient.DefaultProxy;
        foreach (var name in names)
        {
            Environment.SetEnvironmentVariable(name, $"http://{canary.LocalEndpoint}");
        }

        // The environment is read once a process; this is what it sets.
        HttpClient.DefaultProxy = new WebProxy($"http://{canary.LocalEndpoint}");
        var path = Path.Combine(Path.GetTempPath(), "zoetrope-proxy-" + Guid.NewGuid().ToString("n"));
        try
        {
            await using var server = await LoopbackServer.StartAsync(context => context.Response.WriteAsync("direct"));
            var network = new FakeNetwork { LoopbackPort = server.Port }.Name("public.example", FakeNetwork.PublicAddress);
            using var egress = new EgressClient(new EgressOptions { AllowHttp = true }, network.Build(), TimeProvider.System, NullLogger<EgressClient>.Instance);
            var limits = new FetchLimits(1024, TimeSpan.FromSeconds(10));
            Assert.Null((await egress.FetchToFileAsync(new Uri("http://public.example/"), path, limits, TestContext.Current.CancellationToken)).Failure);
            using var provider = egress.ForOperator(new Uri($"http://127.0.0.1:{server.Port}/"));
            Assert.Equal("direct", await provider.GetStringAsync("x", TestContext.Current.CancellationToken));
            Assert.False(canary.Pending());
        }
        finally
        {
            HttpClient.DefaultProxy = before;
            File.Delete(path);
            foreach (var name in names)
            {
                Environment.SetEnvironmentVariable(name, null);
            }
        }
    }
}
