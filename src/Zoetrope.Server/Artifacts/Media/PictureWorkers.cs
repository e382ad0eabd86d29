using System.Globalization;
using Zoetrope.Workers;

namespace Zoetrope.Server.Artifacts.Media;

/// <summary>
/// The few long-lived processes that decode strangers' pictures, some for results and as many for inputs. They are started as they
/// are needed, take one file at a time, and are replaced after a fault, an overrun, or a number of files. A file that ends its worker
/// twice is a bad file.
/// </summary>
internal sealed partial class PictureWorkers : IDisposable
{
    private const string Program = "Zoetrope.Media";
    private const int MaxWaiting = 1000;
    private const int Attempts = 2;

    // A customer waits for the size of a picture, which takes a millisecond.
    private static readonly TimeSpan Measuring = TimeSpan.FromSeconds(5);

    // Work that nobody waits for any more is nearly always done within this; a new worker costs more.
    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(1);

    private readonly ArtifactOptions _options;
    private readonly ILogger<PictureWorkers> _logger;
    private readonly MediaPlaces _places;
    private readonly Stack<Worker> _idle = new();
    private readonly List<Worker> _workers = [];
    private readonly int[] _waiting = new int[2];
    private volatile bool _isOver;

    public PictureWorkers(ArtifactOptions options, ILogger<PictureWorkers> logger)
    {
        (_options, _logger) = (options, logger);
        var directory = new TemporaryFiles(options).Results;
        for (var i = 0; i < 2 * options.PictureSlots; i++)
        {
            var megabytes = options.MediaProcessMegabytes.ToString(CultureInfo.InvariantCulture);
            _workers.Add(new Worker(new WorkerProcess(Program, options.PictureCommand, directory, megabytes)));
            _idle.Push(_workers[i]);
        }

        _places = new MediaPlaces(options.PictureSlots);
    }

    /// <summary>Process ids of the workers that run now, for tests.</summary>
    public IEnumerable<int> ProcessIds => _workers.Select(static worker => worker.Process.ProcessId).OfType<int>();

    /// <summary>
    /// Runs a job. The answer's fault is the file's, one that no worker survives included; a problem means that so many files
    /// wait already that this one has to come again.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="account">Whose input it reads; null for a result.</param>
    /// <param name="cancellationToken">Ends the wait, and soon after the work.</param>
    public async Task<Outcome<PictureAnswer>> RunAsync(PictureJob job, string? account, CancellationToken cancellationToken)
    {
        var queue = account is null ? 0 : 1;
        if (Interlocked.Increment(ref _waiting[queue]) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting[queue]);
            return Problems.Unavailable.With("Too many pictures are waiting to be read. Try again in a few seconds.");
        }

        IDisposable place;
        try
        {
            place = await _places.TakeAsync(account, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting[queue]);
        }

        using (place)
        {
            var longest = job is MeasurePicture && account is not null && Measuring < _options.MediaProcessTimeout
                ? Measuring : _options.MediaProcessTimeout;
            var answer = await Task.Run(() => WorkAsync(job, longest, cancellationToken), CancellationToken.None);
            if (answer.Detail is { } detail)
            {
                LogFault(detail);
            }

            return answer;
        }
    }

    /// <summary>Runs a job of the server's own, about a result.</summary>
    /// <exception cref="IOException">So many files wait already that this one has to come again.</exception>
    public async Task<PictureAnswer> RunOwnAsync(PictureJob job, CancellationToken cancellationToken) =>
        (await RunAsync(job, account: null, cancellationToken)).Failed(out var busy, out var answer) ? throw new IOException(busy.Message) : answer;

    public void Dispose()
    {
        _isOver = true;
        _workers.ForEach(static worker => worker.Process.Dispose());
        _places.Dispose();
    }

    private async Task<PictureAnswer> WorkAsync(PictureJob job, TimeSpan longest, CancellationToken cancellationToken)
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
                // A caller that goes away must not leave half an answer in the pipe, so it is the worker that ends.
                using var limit = new CancellationTokenSource(longest);
                await using var left = cancellationToken.Register(() => limit.CancelAfter(Leaving));
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
                    LogReplaced(cancellationToken.IsCancellationRequested ? "nobody waits for its work any more"
                        : "it took longer than it may");
                    cancellationToken.ThrowIfCancellationRequested();
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
        }
    }

    private static async Task<PictureAnswer?> ExchangeAsync(WorkerProcess process, PictureJob job, CancellationToken cancellationToken)
    {
        await process.SendAsync(job, PictureJson.Default.PictureJob, cancellationToken);
        return await process.ReceiveAsync(PictureJson.Default.PictureAnswer, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "A media worker was replaced: {Reason}")]
    private partial void LogReplaced(string reason);

    [LoggerMessage(LogLevel.Information, "A picture could not be read: {Detail}")]
    private partial void LogFault(string detail);

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
