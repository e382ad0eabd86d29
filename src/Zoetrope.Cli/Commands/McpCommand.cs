using System.CommandLine;
using ModelContextProtocol.Client;
using ModelContextProtocol.Server;
using Zoetrope.Cli.Mcp;

namespace Zoetrope.Cli.Commands;

/// <summary><c>mcp</c>: the server's MCP tools over stdin and stdout, for hosts that start a program.</summary>
internal static class McpCommand
{
    public static Command Create(Interruption interruption) =>
        new Command("mcp", "Serve MCP on stdin and stdout, for a host to start; offers the server's tools and accepts local files")
            .Doing(interruption, async invocation =>
        {
            var key = invocation.Connection.RequireApiKey();
            if (!Console.IsInputRedirected)
            {
                invocation.Terminal.Note("An MCP host should start this command: it speaks JSON-RPC on stdin and stdout. Ctrl-C ends it.");
            }

            using var http = invocation.NewHttpClient();
            await using var remote = new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Endpoint = new Uri(invocation.Connection.Root, "mcp"),
                    TransportMode = HttpTransportMode.StreamableHttp,
                    AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key}" },
                },
                http);
            await using var server = await remote.ConnectAsync(invocation.CancellationToken);
            await using var host = new StdioServerTransport("zoetrope");
            await new Bridge(host, server, new LocalFiles(invocation), invocation).RunAsync();
        });
}
