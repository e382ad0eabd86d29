using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Workers;

/// <summary>
/// The server's end of one worker: a program found beside the server, started at the first message with an empty environment
/// (no keys, no proxies), and ended by <see cref="Stop"/> or by the end of the server, which closes the worker's input.
/// </summary>
/// <param name="program">Its name, without an extension.</param>
/// <param name="command">Another command line to start in its place, for tests.</param>
/// <param name="arguments">What it is told at its start.</param>
internal sealed class WorkerProcess(string program, IReadOnlyList<string>? command = null, params IReadOnlyList<string> arguments)
    : IDisposable
{
    private Process? _process;

    /// <summary>The running worker's process id, for tests.</summary>
    public int? ProcessId => _process is { HasExited: false } process ? process.Id : null;

    /// <summary>Sends a message; starts the worker where none runs.</summary>
    public Task SendAsync<T>(T message, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var process = _process is { HasExited: false } running ? running : Start();
        return Frames.WriteAsync(process.StandardInput.BaseStream, message, type, cancellationToken);
    }

    /// <summary>The worker's next message; null where it has ended.</summary>
    public Task<T?> ReceiveAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        _process is { } process ? Frames.ReadAsync(process.StandardOutput.BaseStream, type, cancellationToken) : Task.FromResult<T?>(null);

    /// <summary>Ends the worker and all it has started; the next message starts a new one.</summary>
    public void Stop()
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

    public void Dispose() => Stop();

    private Process Start()
    {
        Stop();
        var line = command ?? Beside();
        var start = new ProcessStartInfo(line[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in line.Skip(1).Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var path = start.Environment.TryGetValue("PATH", out var own) ? own : "/usr/local/bin:/usr/bin:/bin";
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        if (DotnetRoot() is { } root)
        {
            start.Environment["DOTNET_ROOT"] = root;
        }

        return _process = Process.Start(start)!;
    }

    // Published and built programs have an executable; where only the assembly was copied, the host that runs us runs it.
    private IReadOnlyList<string> Beside()
    {
        var path = Path.Combine(AppContext.BaseDirectory, program);
        var executable = OperatingSystem.IsWindows() ? path + ".exe" : path;
        return File.Exists(executable) ? [executable] : [DotnetRoot() is { } root ? Path.Combine(root, "dotnet") : "dotnet", path + ".dll"];
    }

    // The runtime lies in shared/Microsoft.NETCore.App/VERSION below the root. Without the variable an executable would look only
    // where packages install to.
    private static string? DotnetRoot()
    {
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory().TrimEnd(Path.DirectorySeparatorChar));
        return runtime.Parent?.Parent is { Name: "shared", Parent: { } root } ? root.FullName : null;
    }
}
