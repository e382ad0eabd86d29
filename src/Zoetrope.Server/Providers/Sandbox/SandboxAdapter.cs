using System.Collections.Concurrent;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Workers;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// The embedded vendor: draws real media, remembers its jobs across crashes, and fails on demand (<see cref="MagicPrompts"/>).
/// </summary>
internal sealed partial class SandboxAdapter(
    SandboxJobs jobs, SandboxRenderQueue queue, ProviderCallbacks callbacks, TimeProvider time, ILogger<SandboxAdapter> logger)
    : IProviderAdapter
{
    private const string TaskPrefix = "sandbox-";
    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollAfter = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, int> _polls = new(StringComparer.Ordinal);

    public ProviderProfile Profile { get; } = new()
    {
        Name = ProviderRegistry.Sandbox,
        Title = "Sandbox",
        Keyless = true,
        BuiltIn = true,
        Inputs = new InputForm { ImageTypes = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif", "image/bmp",
            "image/tiff"], MaxImageBytes = long.MaxValue, MaxImageSide = 100_000 },
    };

    public EvidenceClass Evidence => EvidenceClass.QueryByOurId;

    public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.InOurWords(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        Task.FromResult(Submit(request));

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(Poll(request));

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) => Task.FromResult<LookupResult>(
        MagicPrompts.Read(request.Prompt).HasFlag(Magic.UnknownOutcome)
            ? new LookupResult.Impossible("The sandbox was told to offer no evidence.")
        : jobs.Find(request.AttemptId) is null ? new LookupResult.Absent()
        : new LookupResult.Found(TaskPrefix + request.AttemptId));

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        var before = jobs.Find(request.AttemptId) ?? jobs.Recreate(request.AttemptId);
        var magic = MagicPrompts.Read(request.Prompt);
        if (before.State is SandboxJobState.Canceled)
        {
            return Task.FromResult(CancelResult.Confirmed);
        }

        if (before.State != SandboxJobState.Accepted && Remaining(before, request, magic) <= TimeSpan.Zero)
        {
            return Task.FromResult(CancelResult.Refused);
        }

        queue.Cancel(request.AttemptId);
        jobs.Update(request.AttemptId, static job => job with { State = SandboxJobState.Canceled });
        return Task.FromResult(CancelResult.Confirmed);
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        Task.FromResult<CheckResult>(new CheckResult.Proven("built in; draws its results itself and needs no key"));

    private SubmitResult Submit(ProviderRequest request)
    {
        var magic = MagicPrompts.Read(request.Prompt);
        if (jobs.Find(request.AttemptId) is null && Refusal(request, magic) is { } refusal)
        {
            return refusal;
        }

        CrashPoints.Hit("K6");
        var job = jobs.Accept(request.AttemptId);
        CrashPoints.Hit("K7");
        if (magic.HasFlag(Magic.CallbackEarly))
        {
            callbacks.JobChanged(request.AttemptId);
        }

        Work(request, job, magic);
        return (magic & (Magic.LostResponse | Magic.UnknownOutcome)) != 0
            ? new SubmitResult.Unknown("The sandbox lost its answer, as asked.")
            : new SubmitResult.Accepted(TaskPrefix + request.AttemptId, PollAfter);
    }

    private SubmitResult? Refusal(ProviderRequest request, Magic magic)
    {
        static SubmitResult Refuse(ProviderErrorKind kind, string code, string message, TimeSpan? retryAfter = null) =>
            new SubmitResult.Refused(new ProviderError(kind, code, message, retryAfter));

        // Every other time: the retry of the same prompt gets through, and the next demonstration is refused again.
        bool First(string what) => jobs.Count(what, request.Model, request.Prompt) % 2 == 0;

        return magic.HasFlag(Magic.Refused) ? Refuse(ProviderErrorKind.InvalidInput, "invalid_input",
            "The sandbox refuses this input, as asked.")
            : magic.HasFlag(Magic.Down) ? Refuse(ProviderErrorKind.Unavailable, "unavailable", "The sandbox is down, as asked.")
            : magic.HasFlag(Magic.Auth) ? Refuse(ProviderErrorKind.Auth, "unauthorized", "The sandbox rejects the credential, as asked.")
            : magic.HasFlag(Magic.Quota) ? Refuse(ProviderErrorKind.QuotaExhausted, "quota_exhausted",
                "The sandbox's quota is used up, as asked.")
            : magic.HasFlag(Magic.RateLimited) && First("429") ? Refuse(ProviderErrorKind.RateLimited, "rate_limited",
                "Too many requests, as asked.", TimeSpan.FromSeconds(1))
            : magic.HasFlag(Magic.LostRequest) && First("lost") ? new SubmitResult.Unknown("The request was lost, as asked.")
            : null;
    }

    // Starts what has to happen for an accepted job; harmless when it is under way already.
    private void Work(ProviderRequest request, SandboxJob job, Magic magic)
    {
        if (job.State != SandboxJobState.Accepted || (magic & (Magic.Fail | Magic.Moderated | Magic.Timeout | Magic.NeverFinishes)) != 0)
        {
            return;
        }

        var path = jobs.ResultPath(request.AttemptId, request.Output.Format);
        if (magic.HasFlag(Magic.BadMedia))
        {
            File.WriteAllText(path, "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>");
            End(request, magic, path, new RenderReport(request.AttemptId, 100, Done: true));
            return;
        }

        queue.Enqueue(RenderRequest.ToJob(request, path), report => End(request, magic, path, report));
    }

    private void End(ProviderRequest request, Magic magic, string path, RenderReport report)
    {
        if (report.Detail is { } detail)
        {
            LogFailed(request.AttemptId, detail);
        }

        if (report.Done && magic.HasFlag(Magic.TruncatedMedia))
        {
            using var file = File.OpenWrite(path);
            file.SetLength(file.Length * 3 / 5);
        }

        var job = jobs.Update(request.AttemptId, job => job.State != SandboxJobState.Accepted ? job : report.Done
            ? job with { State = SandboxJobState.Done, Result = Path.GetFileName(path) }
            : job with { State = SandboxJobState.Failed, Error = report.Error, InputFault = report.Input });
        if (job is null || job.State == SandboxJobState.Canceled)
        {
            File.Delete(path);
            return;
        }

        var wait = Remaining(job, request, magic);
        if (wait > TimeSpan.Zero)
        {
            _ = TellLaterAsync(request.AttemptId, magic, wait);
            return;
        }

        Tell(request.AttemptId, magic);
    }

    private async Task TellLaterAsync(string attemptId, Magic magic, TimeSpan wait)
    {
        await Task.Delay(wait, time);
        Tell(attemptId, magic);
    }

    private void Tell(string attemptId, Magic magic)
    {
        callbacks.JobChanged(attemptId);
        if (magic.HasFlag(Magic.CallbackTwice))
        {
            callbacks.JobChanged(attemptId);
        }
    }

    private PollResult Poll(ProviderRequest request)
    {
        var magic = MagicPrompts.Read(request.Prompt);
        var id = request.AttemptId;
        var job = jobs.Find(id) ?? jobs.Recreate(id);
        if (job.State == SandboxJobState.Canceled)
        {
            return Failed(ProviderErrorKind.Canceled, "canceled", "The job was cancelled.");
        }

        if (Scripted(job, magic) is { } scripted)
        {
            return scripted;
        }

        if (magic.HasFlag(Magic.StatusBackwards) && _polls.AddOrUpdate(id, 1, static (_, n) => n + 1) is var polls and <= 2)
        {
            Work(request, job, magic);
            return new PollResult.Running(polls == 1 ? 80 : 10, null, PollAfter);
        }

        var remaining = Remaining(job, request, magic);
        if (remaining > TimeSpan.Zero)
        {
            Work(request, job, magic);
            var share = 1 - (remaining / MagicPrompts.SlowTime(request.Prompt));
            return new PollResult.Running(Math.Clamp((int)(share * 99), 0, 99), null, remaining < PollAfter ? remaining : PollAfter);
        }

        if (job.State == SandboxJobState.Failed)
        {
            return job.InputFault
                ? Failed(ProviderErrorKind.InvalidInput, "invalid_input", job.Error!)
                : Failed(ProviderErrorKind.Unavailable, "render_failed", job.Error!);
        }

        var path = jobs.ResultPath(id, request.Output.Format);
        if (job.State == SandboxJobState.Done && File.Exists(path))
        {
            jobs.Update(id, done => done with { ReadAt = done.ReadAt ?? time.GetUtcNow() });
            _polls.TryRemove(id, out _);
            return new PollResult.Succeeded([new ProviderOutput(null, path)]);
        }

        if (job.State == SandboxJobState.Done)
        {
            // The file was moved away and then lost with a crash: draw the same again.
            job = jobs.Update(id, static done => done with { State = SandboxJobState.Accepted, Result = null }) ?? job;
        }

        Work(request, job, magic);
        return queue.Look(id) is { } look ? new PollResult.Running(look.Progress, look.Position, PollAfter)
            : new PollResult.Running(99, null, PollAfter);
    }

    private PollResult? Scripted(SandboxJob job, Magic magic) =>
        magic.HasFlag(Magic.Fail) ? Failed(ProviderErrorKind.Unavailable, "internal_error", "The sandbox failed, as asked.")
        : magic.HasFlag(Magic.Moderated) ? Failed(ProviderErrorKind.ContentRefused, "content_policy",
            "The sandbox's moderation refused, as asked.")
        : magic.HasFlag(Magic.NeverFinishes) ? new PollResult.Running(42, null, PollAfter)
        : !magic.HasFlag(Magic.Timeout) ? null
        : time.GetUtcNow() - job.AcceptedAt >= ExpiresAfter ? Failed(ProviderErrorKind.Expired, "expired", "The sandbox gave up, as asked.")
        : new PollResult.Running(7, null, PollAfter);

    private static PollResult Failed(ProviderErrorKind kind, string code, string message) =>
        new PollResult.Failed(new ProviderError(kind, code, message));

    [LoggerMessage(LogLevel.Warning, "The render of {AttemptId} failed: {Detail}")]
    private partial void LogFailed(string attemptId, string detail);

    private TimeSpan Remaining(SandboxJob job, ProviderRequest request, Magic magic) =>
        magic.HasFlag(Magic.Slow) ? job.AcceptedAt + MagicPrompts.SlowTime(request.Prompt) - time.GetUtcNow() : TimeSpan.Zero;
}
