using System.Diagnostics;
using System.Text;

namespace Zoetrope.Tests.Fixtures;

/// <summary>A process of ours in tests: its output collected, its end awaited, killed with the test at the latest.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>What a shell reports for a process that SIGKILL ended.</summary>
    public const int Killed = 128 + 9;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _standardOutput = new();
    private readonly StringBuilder _standardError = new();
    private readonly List<(Func<string, bool> Wanted, TaskCompletionSource<string> Seen)> _waiters = [];

    private ChildProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Collect(line.Data, _standardOutput);
        _process.ErrorDataReceived += (_, line) => Collect(line.Data, _standardError);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything the process wrote so far, for a failing assertion's message.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Complete once the process has ended.</summary>
    public string StandardOutput => TextOf(_standardOutput);

    public string StandardError => TextOf(_standardError);

    /// <summary>Starts one of the built assemblies with the runtime that runs the tests.</summary>
    public static ChildProcess StartAssembly(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Starts a program of the machine; null where there is none of that name.</summary>
    public static ChildProcess? TryStart(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        try
        {
            return new ChildProcess(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Waits for a line of output; fails with the whole output when the process ends or time runs out first.</summary>
    public async Task<string> LineAsync(Func<string, bool> wanted, TimeSpan within)
    {
        var waiter = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_output)
        {
            if (_output.ToString().Split('\n').FirstOrDefault(wanted) is { } line)
            {
                return line;
            }

            _waiters.Add((wanted, waiter));
        }

        using var deadline = new CancellationTokenSource(within);
        var ended = _process.WaitForExitAsync(deadline.Token);
        await Task.WhenAny(waiter.Task, ended);
        return waiter.Task.IsCompletedSuccessfully
            ? waiter.Task.Result
            : throw new InvalidOperationException($"The process {(HasExited ? $"ended with {_process.ExitCode}" : "did not get there in time")}:\n{Output}");
    }

    public async Task<int> ExitCodeAsync(TimeSpan within)
    {
        using var deadline = new CancellationTokenSource(within);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The process did not end within {within}:\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of the process gets to say goodbye.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private string TextOf(StringBuilder stream)
    {
        lock (_output)
        {
            return stream.ToString();
        }
    }

    private void Collect(string? line, StringBuilder stream)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.Append(line).Append('\n');
            stream.Append(line).Append('\n');
            foreach (var (_, seen) in _waiters.Where(waiter => waiter.Wanted(line)))
            {
                seen.TrySetResult(line);
            }
        }
    }
}
