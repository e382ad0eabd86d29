using System.Globalization;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// The few long-lived processes that decode strangers' pictures. They are started as they are needed, take one file at a time, and
/// are replaced after a fault, an overrun, or a number of files. A file that ends its worker twice is a bad file.
/// </summary>
internal sealed partial class PictureWorkers : IDisposable
{
    private const string Program = "Zoetrope.Media";
    private const int MaxWaiting = 1000;
    private const int Attempts = 2;

    private readonly ArtifactOptions _options;
    private readonly ILogger<PictureWorkers> _logger;
    private readonly SemaphoreSlim _slots;
    private readonly Stack<Worker> _idle = new();
    private readonly List<Worker> _workers = [];
    private int _waiting;
    private volatile bool _isOver;

    public PictureWorkers(ArtifactOptions options, ILogger<PictureWorkers> logger)
    {
        (_options, _logger) = (options, logger);
        var directory = new TemporaryFiles(options).Results;
        for (var i = 0; i < options.PictureSlots; i++)
        {
            var megabytes = options.MediaProcessMegabytes.ToString(CultureInfo.InvariantCulture);
            _workers.Add(new Worker(new WorkerProcess(Program, options.PictureCommand, directory, megabytes)));
            _idle.Push(_workers[i]);
        }

        _slots = new SemaphoreSlim(options.PictureSlots);
    }

    /// <summary>Process ids of the workers that run now, for tests.</summary>
    public IEnumerable<int> ProcessIds => _workers.Select(static worker => worker.Process.ProcessId).OfType<int>();

    /// <summary>
    /// Runs a job. The answer's fault is the file's, one that no worker survives included; a problem means that so many files
    /// wait already that this one has to come again.
    /// </summary>
    public async Task<Outcome<PictureAnswer>> RunAsync(PictureJob job, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return Problems.Unavailable.With("Too many pictures are waiting to be read. Try again in a few seconds.");
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        // The exchange ends by its own clock: a caller that goes away must not leave half an answer in the pipe.
        return await Task.Run(() => RunAsync(job), CancellationToken.None).WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _isOver = true;
        _workers.ForEach(static worker => worker.Process.Dispose());
    }

    private async Task<Outcome<PictureAnswer>> RunAsync(PictureJob job)
    {
        Worker worker;
        lock (_idle)
        {
            worker = _idle.Pop();
        }

        try
        {
            for (var attempt = 1; ; attempt++)
            {
                using var limit = new CancellationTokenSource(_options.MediaProcessTimeout);
                try
                {
                    if (await ExchangeAsync(worker.Process, job, limit.Token) is { } answer)
                    {
                        worker.Count(_options.PicturesPerWorker);
                        return answer;
                    }
                }
                catch (OperationCanceledException)
                {
                    worker.Restart();
                    LogReplaced("it took longer than MediaProcessTimeout allows");
                    return new PictureAnswer("takes too long to read");
                }
                catch (IOException)
                {
                    // The same as an end: what it wrote is no answer, or it no longer reads.
                }

                if (_isOver)
                {
                    throw new IOException("The server is stopping.");
                }

                worker.Restart();
                LogReplaced("it ended in the middle of a file");
                if (attempt == Attempts)
                {
                    return new PictureAnswer("cannot be read");
                }
            }
        }
        finally
        {
            lock (_idle)
            {
                _idle.Push(worker);
            }

            _slots.Release();
        }
    }

    private static async Task<PictureAnswer?> ExchangeAsync(WorkerProcess process, PictureJob job, CancellationToken cancellationToken)
    {
        await process.SendAsync(job, PictureJson.Default.PictureJob, cancellationToken);
        return await process.ReceiveAsync(PictureJson.Default.PictureAnswer, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "A media worker was replaced: {Reason}")]
    private partial void LogReplaced(string reason);

    private sealed class Worker(WorkerProcess process)
    {
        private int _files;

        public WorkerProcess Process { get; } = process;

        public void Restart()
        {
            _files = 0;
            Process.Stop();
        }

        /// <summary>What one file may have left behind is gone with the process, soon.</summary>
        public void Count(int most)
        {
            if (++_files >= most)
            {
                Restart();
            }
        }
    }
}
