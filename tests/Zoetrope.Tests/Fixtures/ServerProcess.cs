using System.Net;
using System.Net.Sockets;
using Zoetrope.Server.Operator;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// The real server as a process of its own, so that it can be killed as a power cut would and started again on the same
/// data directory and port.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int FirstPort = 21_000;
    private static readonly TimeSpan Patience = Until.Patience;
    private static int _ports = Random.Shared.Next(0x2000);
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string?> _environment;
    private ChildProcess? _process;

    private ServerProcess(IReadOnlyDictionary<string, string?>? environment)
    {
        // The port must be the same after a restart, or running clients would ask nobody.
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        _environment = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
        {
            ["ZOETROPE_URLS"] = Address.ToString(),
            ["ZOETROPE_DATA"] = _directory.Path,
            ["Zoetrope__Admin__Key"] = TestZoetrope.OperatorKey,
            ["Zoetrope__Secrets__MasterKey"] = TestZoetrope.MasterKey,
        };
        Api = new ZoetropeApi(Address, TestZoetrope.OperatorKey);
    }

    public Uri Address { get; }

    public ZoetropeApi Api { get; }

    public string DataDirectory => _directory.Path;

    /// <summary>What the server wrote down, read beside it.</summary>
    public ServerBooks Books => new(DataDirectory);

    public int ProcessId => _process!.Id;

    public string Output => _process?.Output ?? "";

    public static async Task<ServerProcess> StartAsync(IReadOnlyDictionary<string, string?>? environment = null, string? crashAt = null)
    {
        var server = new ServerProcess(environment);
        try
        {
            await server.StartAgainAsync(crashAt);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the process and returns when it says it is ready.</summary>
    public async Task StartAgainAsync(string? crashAt = null)
    {
        await StartUnreadyAsync(crashAt);
        await _process!.LineAsync(line => line == "ready", Patience);
    }

    /// <summary>Starts the process without waiting: one with a crash point may never become ready.</summary>
    public async Task StartUnreadyAsync(string? crashAt)
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _process = ChildProcess.StartAssembly("Zoetrope.Server.dll", [], new Dictionary<string, string?>(_environment) { ["ZOETROPE_CRASH_AT"] = crashAt });
    }

    /// <summary>Changes its environment, from the next start on.</summary>
    public void Set(IReadOnlyDictionary<string, string?> variables)
    {
        foreach (var (name, value) in variables)
        {
            _environment[name] = value;
        }
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    public Task TerminateAsync() => _process!.TerminateAsync();

    /// <summary>SIGSTOP: the process stands still, and its connections with it.</summary>
    public Task FreezeAsync() => _process!.SignalAsync("STOP");

    public Task ThawAsync() => _process!.SignalAsync("CONT");

    /// <summary>Returns when the server answers; one that has ended itself meanwhile is started as a service manager would.</summary>
    public async Task ServesAgainAsync()
    {
        await Until.HoldsAsync(async () =>
        {
            if (_process!.HasExited)
            {
                await StartAgainAsync();
            }

            try
            {
                return (await Api.SendAsync(HttpMethod.Get, "/health/ready", key: null)).Status == 200;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
    }

    public Task<int> ExitCodeAsync(TimeSpan within) => _process!.ExitCodeAsync(within);

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _directory.Dispose();
    }

    // Below the ports that the system gives to connections: one of those would take it before the server, or during a restart.
    private static int FreePort()
    {
        while (true)
        {
            var port = FirstPort + (Interlocked.Increment(ref _ports) & 0x1FFF);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's.
            }
        }
    }
}
