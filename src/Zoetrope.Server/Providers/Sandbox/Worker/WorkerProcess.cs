using System.Diagnostics;
using System.Text.Json;

namespace Zoetrope.Server.Providers.Sandbox.Worker;

/// <summary>The server's end of one worker: started at the first job, kept, and replaced when it dies, hangs or is told to stop.</summary>
internal sealed class WorkerProcess(SandboxOptions options, TimeProvider time) : IDisposable
{
    private Process? _process;

    /// <summary>The running worker's process id, for tests.</summary>
    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    /// <summary>Renders one job. Null: the worker died or hung, which says nothing about the job.</summary>
    public async Task<RenderReport?> RenderAsync(RenderJob job, Action<int> progress, CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(options.RenderTimeout, time);
        try
        {
            var process = _process is { HasExited: false } ? _process : Start();
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(job, RenderJson.Default.RenderJob));
            await process.StandardInput.FlushAsync(cancellationToken);
            while (true)
            {
                using var stall = new CancellationTokenSource(options.StallTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token, stall.Token);
                var line = await process.StandardOutput.ReadLineAsync(either.Token);
                if (line is null)
                {
                    Stop();
                    return null;
                }

                var report = JsonSerializer.Deserialize(line, RenderJson.Default.RenderReport)!;
                if (report.Done || report.Error is not null)
                {
                    return report;
                }

                progress(report.Progress);
            }
        }
        catch (OperationCanceledException)
        {
            Stop();
            cancellationToken.ThrowIfCancellationRequested();
            return total.IsCancellationRequested ? new RenderReport(job.Id, 0, Error: "The render took too long.") : null;
        }
        catch (IOException)
        {
            Stop();
            return null;
        }
    }

    public void Dispose() => Stop();

    private void Stop()
    {
        if (_process is { } process)
        {
            _process = null;
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            process.Dispose();
        }
    }

    private Process Start()
    {
        Stop();
        var command = options.WorkerCommand ?? DefaultCommand();
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        // Pixel loops must not start out in the interpreter-like first tier.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_QuickJitForLoops"] = "0";
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x60000000";
        start.Environment["DOTNET_gcServer"] = "0";
        return _process = Process.Start(start)!;
    }

    // As a self-contained or apphost program we are our own executable; under `dotnet` (or a test host) the assembly is named.
    private static IReadOnlyList<string> DefaultCommand()
    {
        var assembly = typeof(SandboxWorker).Assembly;
        var self = Environment.ProcessPath ?? "dotnet";
        var name = Path.GetFileNameWithoutExtension(self);
        return name == assembly.GetName().Name
            ? [self, SandboxWorker.Command]
            : [name == "dotnet" ? self : Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", assembly.Location, SandboxWorker.Command];
    }
}
