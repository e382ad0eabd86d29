using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>One renderer: kept from job to job, and replaced when it dies, hangs or is told to stop.</summary>
internal sealed class RenderProcess(SandboxOptions options, TimeProvider time) : IDisposable
{
    private readonly WorkerProcess _worker = new("Zoetrope.Sandbox");

    /// <summary>The running worker's process id, for tests.</summary>
    public int? ProcessId => _worker.ProcessId;

    /// <summary>Renders one job. Null: the worker died or hung, which says nothing about the job.</summary>
    public async Task<RenderReport?> RenderAsync(RenderJob job, Action<int> progress, CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(options.RenderTimeout, time);
        try
        {
            await _worker.SendAsync(job, RenderJson.Default.RenderJob, cancellationToken);
            while (true)
            {
                using var stall = new CancellationTokenSource(options.StallTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token, stall.Token);
                if (await _worker.ReceiveAsync(RenderJson.Default.RenderReport, either.Token) is not { } report)
                {
                    _worker.Stop();
                    return null;
                }

                if (report.Done || report.Error is not null)
                {
                    return report;
                }

                progress(report.Progress);
            }
        }
        catch (OperationCanceledException)
        {
            _worker.Stop();
            cancellationToken.ThrowIfCancellationRequested();
            return total.IsCancellationRequested ? new RenderReport(job.Id, 0, Error: "The render took too long.") : null;
        }
        catch (IOException)
        {
            _worker.Stop();
            return null;
        }
    }

    public void Dispose() => _worker.Dispose();
}
