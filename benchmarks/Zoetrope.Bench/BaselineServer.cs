using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Zoetrope.Bench;

/// <summary>
/// The most this platform can do: the same Kestrel reading the same request and answering the same JSON, with nothing
/// in between. The ratio to it says what Zoetrope itself costs, whatever the machine.
/// </summary>
internal static class BaselineServer
{
    public const string Command = "--baseline-server";

    public static async Task RunAsync(string url, string answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        await using var app = Bare(url).Build();
        app.MapPost("/api/v1/generate", async context =>
        {
            await DrainAsync(context);
            await AnswerAsync(context, bytes);
        });
        app.MapGet("/api/v1/tasks/{id}", (HttpContext context) => AnswerAsync(context, bytes));
        await app.StartAsync();
        Console.WriteLine("ready");
        await app.WaitForShutdownAsync();
    }

    public static Task<(ServerChild Child, Uri Address)> StartAsync(string answer) => ServerChild.StartOwnAsync(Command, answer);

    /// <summary>Kestrel and routes, and nothing else.</summary>
    public static WebApplicationBuilder Bare(string url)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        return builder;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async ValueTask DrainAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private static Task AnswerAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, 0, bytes.Length);
    }
}

/// <summary>A child process that prints <c>ready</c>, killed with its owner at the latest.</summary>
internal sealed class ServerChild : IAsyncDisposable
{
    private readonly Process _process;

    private ServerChild(Process process) => _process = process;

    /// <summary>From the start of the process to its <c>ready</c>.</summary>
    public TimeSpan StartedIn { get; private set; }

    public int ProcessId => _process.Id;

    public long ResidentBytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture) * 1024;

    /// <summary>Processor time of the process so far, its children's left out.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>One of this program's own servers, at an address that it is told.</summary>
    public static async Task<(ServerChild Child, Uri Address)> StartOwnAsync(string command, params string[] more)
    {
        var address = new Uri($"http://127.0.0.1:{BaselineServer.FreePort()}");
        return (await StartAsync("Zoetrope.Bench.dll", [command, address.ToString(), .. more], new Dictionary<string, string?>()), address);
    }

    public static async Task<ServerChild> StartAsync(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.GetTimestamp();
        var child = new ServerChild(Process.Start(start)!);
        while (await child._process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line == "ready")
            {
                child.StartedIn = Stopwatch.GetElapsedTime(clock);
                return child;
            }
        }

        await child.DisposeAsync();
        throw new InvalidOperationException($"{assembly} ended before it was ready.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
