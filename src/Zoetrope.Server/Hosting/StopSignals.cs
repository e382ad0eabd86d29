using System.Runtime.InteropServices;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// Ends the server on SIGTERM, SIGINT and SIGQUIT: first what is in the air lands (<see cref="ServerStop"/>), then the host stops.
/// A second signal, or the end of <see cref="ServerOptions.DrainTimeout"/>, stops it without waiting. One of several nodes goes on
/// answering for <see cref="ServerOptions.LeaveDelay"/> after SIGTERM, so that the proxy in front of them sees first that it is not ready.
/// </summary>
internal sealed partial class StopSignals(
    ServerStop stop, ServerOptions options, Database database, IHostApplicationLifetime lifetime, ILogger<StopSignals> logger)
    : IHostLifetime, IDisposable
{
    private readonly CancellationTokenSource _atOnce = new();
    private PosixSignalRegistration[] _signals = [];
    private int _heard;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear),
            PosixSignalRegistration.Create(PosixSignal.SIGQUIT, Hear),
        ];
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _atOnce.Dispose();
    }

    private void Hear(PosixSignalContext context)
    {
        // The process ends when Main returns.
        context.Cancel = true;
        switch (Interlocked.Increment(ref _heard))
        {
            case 1:
                _ = LandAsync(context.Signal == PosixSignal.SIGTERM && database.Dialect == SqlDialect.Postgres ? options.LeaveDelay : TimeSpan.Zero);
                break;
            case 2:
                _atOnce.Cancel();
                break;
        }
    }

    private async Task LandAsync(TimeSpan delay)
    {
        try
        {
            var landed = stop.BeginAsync();
            await Task.Delay(delay, TimeProvider.System, _atOnce.Token);
            if (!landed.IsCompleted)
            {
                LogWaiting(stop.InTheAir, options.DrainTimeout);
            }

            await landed.WaitAsync(options.DrainTimeout, TimeProvider.System, _atOnce.Token);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogCut(stop.InTheAir);
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(LogLevel.Information,
        "Stopping. {InTheAir} paid calls, downloads of results or waiting clients are let finish first, for {Timeout} at most. "
        + "A second signal stops at once")]
    private partial void LogWaiting(int inTheAir, TimeSpan timeout);

    [LoggerMessage(LogLevel.Warning,
        "Stopping although {InTheAir} paid calls, downloads of results or waiting clients are not finished; "
        + "the next start looks for what the vendors made of them")]
    private partial void LogCut(int inTheAir);
}
