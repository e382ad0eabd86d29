using System.Diagnostics;
using System.Net;

namespace Zoetrope.Bench;

/// <summary>
/// Portkey's gateway, which passes requests on and stores nothing: the peer of a run. It is installed from npm once, into the directory
/// of the build.
/// </summary>
internal sealed class Portkey : IAsyncDisposable
{
    private const string Package = "@portkey-ai/gateway@1.15.2";
    private readonly Process _process;

    private Portkey(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    /// <summary>Null where it cannot be had: no npm, no Node.js, no registry.</summary>
    public static async Task<Portkey?> StartAsync()
    {
        var home = Path.Combine(AppContext.BaseDirectory, "portkey");
        var program = Path.Combine(home, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
        try
        {
            if (!File.Exists(program))
            {
                Directory.CreateDirectory(home);
                using var npm = Process.Start(new ProcessStartInfo(
                    "npm", ["install", "--prefix", home, "--no-audit", "--no-fund", "--ignore-scripts", Package]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
                var said = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
                await npm.WaitForExitAsync();
                _ = (await said.Item1, await said.Item2);
            }

            var port = BaselineServer.FreePort();
            var start = new ProcessStartInfo("node", [program, "--headless", $"--port={port}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["NODE_ENV"] = "production";
            var process = Process.Start(start)!;
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            var portkey = new Portkey(process, new Uri($"http://127.0.0.1:{port}"));
            if (await portkey.AnswersAsync())
            {
                return portkey;
            }

            await portkey.DisposeAsync();
            return null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
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

    private async Task<bool> AnswersAsync()
    {
        using var http = new HttpClient { BaseAddress = Address };
        for (var attempt = 0; attempt < 100 && !_process.HasExited; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync("/");
                return answer.StatusCode is HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }

        return false;
    }
}
