using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// A process of ours in tests: its output collected, its end awaited, killed with the test at the latest, and by the kernel when
/// the tests' own process is killed.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>What a shell reports for a process that SIGKILL ended.</summary>
    public const int Killed = 128 + 9;

    // The kernel takes the thread that started a child for its parent; one of the pool may end before the tests do.
    private static readonly BlockingCollection<Action> Starts = StartStarting();

    private static readonly string? SetPriv = OperatingSystem.IsLinux() ? Find("setpriv") : null;

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
        Start(_process);
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
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = Bound(dotnet, [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments]);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(start);
    }

    /// <summary>Starts a program of the machine; null where there is none of that name.</summary>
    public static ChildProcess? TryStart(string program, IEnumerable<string> arguments) =>
        Find(program) is { } found ? new ChildProcess(Bound(found, arguments)) : null;

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

    /// <summary>The same, without what it started.</summary>
    public async Task KillAloneAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM: the process ends when it is done.</summary>
    public Task TerminateAsync() => SignalAsync("TERM");

    /// <summary>Any signal, by its name without SIG.</summary>
    public async Task SignalAsync(string name)
    {
        await using var shell = TryStart("sh", ["-c", $"kill -{name} {Id}"]) ?? throw new InvalidOperationException("There is no shell.");
        Assert.Equal(0, await shell.ExitCodeAsync(Until.Patience));
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Bound(string program, IEnumerable<string> arguments) =>
        new(SetPriv ?? program, SetPriv is null ? arguments : ["--pdeathsig", "KILL", "--", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

    private static string? Find(string program) => program.Contains('/', StringComparison.Ordinal)
        ? File.Exists(program) ? program : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static BlockingCollection<Action> StartStarting()
    {
        var starts = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var start in starts.GetConsumingEnumerable())
            {
                start();
            }
        }) { IsBackground = true, Name = "Starts child processes" }.Start();
        return starts;
    }

    private static void Start(Process process)
    {
        var started = new TaskCompletionSource();
        Starts.Add(() =>
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        started.Task.GetAwaiter().GetResult();
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
