using Zoetrope.Server.Catalog.Routes;

namespace Zoetrope.Server.Providers.Sandbox;

/// <summary>
/// The embedded vendor: draws real media, remembers its jobs across crashes, and fails on demand (<see cref="MagicPrompts"/>).
/// </summary>
internal sealed class SandboxAdapter(Lazy<SandboxVendor> vendor, ProviderCallbacks callbacks, TimeProvider time) : IProviderAdapter
{
    private const string TaskPrefix = "sandbox-";
    private const Magic Refusing = Magic.Refused | Magic.Down | Magic.Auth | Magic.Quota | Magic.RateLimited | Magic.LostRequest;
    private const Magic Undrawn = Magic.Fail | Magic.Moderated | Magic.Timeout | Magic.NeverFinishes;
    private static readonly TimeSpan ExpiresAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollAfter = TimeSpan.FromMilliseconds(500);

    private SandboxJobs Jobs => vendor.Value.Jobs;

    private SandboxFiles Files => vendor.Value.Files;

    private SandboxRenderers Renderers => vendor.Value.Renderers;

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

    public async Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        var magic = MagicPrompts.Read(request.Prompt);
        if ((magic & Refusing) != 0 && await Jobs.FindAsync(request.AttemptId) is null
            && await RefusalAsync(request, magic) is { } refusal)
        {
            return refusal;
        }

        CrashPoints.Hit("K6");
        await AcceptAsync(request, magic, cancellationToken);
        CrashPoints.Hit("K7");
        if (magic.HasFlag(Magic.CallbackEarly))
        {
            callbacks.JobChanged(request.AttemptId);
        }

        return (magic & (Magic.LostResponse | Magic.UnknownOutcome)) != 0
            ? new SubmitResult.Unknown("The sandbox lost its answer, as asked.")
            : new SubmitResult.Accepted(TaskPrefix + request.AttemptId, PollAfter);
    }

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        var magic = MagicPrompts.Read(request.Prompt);
        var job = await Jobs.FindAsync(request.AttemptId) ?? await AcceptAsync(request, magic, cancellationToken);
        if (job.State == SandboxStates.Canceled)
        {
            return Failed(ProviderErrorKind.Canceled, "canceled", "The job was cancelled.");
        }

        if (Scripted(job, magic) is { } scripted)
        {
            return scripted;
        }

        if (magic.HasFlag(Magic.StatusBackwards) && await Jobs.CountAsync("polls", request.AttemptId) is var polls and < 2)
        {
            return new PollResult.Running(polls == 0 ? 80 : 10, null, PollAfter);
        }

        await BringHereAsync(job);
        var remaining = Remaining(job);
        if (remaining > TimeSpan.Zero)
        {
            var share = 1 - (remaining / MagicPrompts.SlowTime(request.Prompt));
            return new PollResult.Running(Math.Clamp((int)(share * 99), 0, 99), null, remaining < PollAfter ? remaining : PollAfter);
        }

        return job.State switch
        {
            SandboxStates.Refused => Failed(ProviderErrorKind.InvalidInput, "invalid_input", job.Error!),
            SandboxStates.Failed => Failed(ProviderErrorKind.Unavailable, "render_failed", job.Error!),
            SandboxStates.Done => await FetchAsync(job, cancellationToken),
            SandboxStates.Waiting => new PollResult.Running(0, await Jobs.PositionAsync(job), PollAfter),
            _ => new PollResult.Running(Renderers.ProgressOf(job.AttemptId) ?? (int)job.Progress, null, PollAfter),
        };
    }

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        MagicPrompts.Read(request.Prompt).HasFlag(Magic.UnknownOutcome)
            ? new LookupResult.Impossible("The sandbox was told to offer no evidence.")
        : await Jobs.FindAsync(request.AttemptId) is null && !Files.IsOldJob(request.AttemptId) ? new LookupResult.Absent()
        : new LookupResult.Found(TaskPrefix + request.AttemptId);

    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        if (await Jobs.CancelAsync(request.AttemptId) is { } state)
        {
            Renderers.Cancel(request.AttemptId);
            return state == SandboxStates.Canceled ? CancelResult.Confirmed : CancelResult.Refused;
        }

        // Forgotten, or an earlier version's: nothing is drawn, and nothing will be.
        await Jobs.AcceptAsync(New(request, MagicPrompts.Read(request.Prompt), SandboxStates.Canceled, null));
        return CancelResult.Confirmed;
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        Task.FromResult<CheckResult>(new CheckResult.Proven("built in; draws its results itself and needs no key"));

    private async Task<SubmitResult?> RefusalAsync(ProviderRequest request, Magic magic)
    {
        static SubmitResult Refuse(ProviderErrorKind kind, string code, string message, TimeSpan? retryAfter = null) =>
            new SubmitResult.Refused(new ProviderError(kind, code, message, retryAfter));

        // Every other time: the retry of the same prompt gets through, and the next demonstration is refused again.
        async Task<bool> FirstAsync(string what) => await Jobs.CountAsync(what, request.Model, request.Prompt) % 2 == 0;

        return magic.HasFlag(Magic.Refused) ? Refuse(ProviderErrorKind.InvalidInput, "invalid_input",
            "The sandbox refuses this input, as asked.")
            : magic.HasFlag(Magic.Down) ? Refuse(ProviderErrorKind.Unavailable, "unavailable", "The sandbox is down, as asked.")
            : magic.HasFlag(Magic.Auth) ? Refuse(ProviderErrorKind.Auth, "unauthorized", "The sandbox rejects the credential, as asked.")
            : magic.HasFlag(Magic.Quota) ? Refuse(ProviderErrorKind.QuotaExhausted, "quota_exhausted",
                "The sandbox's quota is used up, as asked.")
            : magic.HasFlag(Magic.RateLimited) && await FirstAsync("429") ? Refuse(ProviderErrorKind.RateLimited, "rate_limited",
                "Too many requests, as asked.", TimeSpan.FromSeconds(1))
            : magic.HasFlag(Magic.LostRequest) && await FirstAsync("lost") ? new SubmitResult.Unknown("The request was lost, as asked.")
            : null;
    }

    // Records the job, and has it drawn here at once if a renderer is free; harmless when it is known already.
    private async Task<SandboxJob> AcceptAsync(ProviderRequest request, Magic magic, CancellationToken cancellationToken)
    {
        if ((magic & Undrawn) != 0)
        {
            var scripted = New(request, magic, SandboxStates.Scripted, null);
            return await Jobs.AcceptAsync(scripted) ?? scripted;
        }

        var description = await Files.DescribeAsync(request, cancellationToken);
        var worker = Renderers.Reserve();
        SandboxJob? known;
        var job = New(request, magic, worker is null ? SandboxStates.Waiting : SandboxStates.Rendering, description);
        try
        {
            known = await Jobs.AcceptAsync(job);
        }
        catch
        {
            if (worker is not null)
            {
                Renderers.Release(worker);
            }

            throw;
        }

        if (worker is null)
        {
            Renderers.Ring();
        }
        else if (known is null)
        {
            Renderers.Start(job, worker);
        }
        else
        {
            Renderers.Release(worker);
        }

        return known ?? job;
    }

    private SandboxJob New(ProviderRequest request, Magic magic, string state, string? description)
    {
        var now = time.GetUtcNow();
        return new SandboxJob
        {
            AttemptId = request.AttemptId,
            State = state,
            Job = description,
            Magic = (long)magic,
            AcceptedAt = now.ToUnixTimeMilliseconds(),
            ReadyAt = (magic.HasFlag(Magic.Slow) ? now + MagicPrompts.SlowTime(request.Prompt) : now).ToUnixTimeMilliseconds(),
            Node = state == SandboxStates.Canceled ? "" : Files.Node,
        };
    }

    // Where nodes do not share files, whoever asks for a result has to draw it.
    private async Task BringHereAsync(SandboxJob job)
    {
        if (job.State is SandboxStates.Waiting or SandboxStates.Rendering && Files.Node is { Length: > 0 } node && job.Node != node)
        {
            await Jobs.RedrawAsync(job.AttemptId, node);
            Renderers.Ring();
        }
    }

    private async Task<PollResult> FetchAsync(SandboxJob job, CancellationToken cancellationToken)
    {
        if (await Files.BringAsync(job, cancellationToken) is { } path)
        {
            await Jobs.ReadAsync(job.AttemptId);
            return new PollResult.Succeeded([new ProviderOutput(null, path)]);
        }

        // It lies on another node's disk, or was moved away and then lost with a crash: draw the same again.
        await Jobs.RedrawAsync(job.AttemptId, Files.Node);
        Renderers.Ring();
        return new PollResult.Running(99, null, PollAfter);
    }

    private PollResult? Scripted(SandboxJob job, Magic magic) =>
        magic.HasFlag(Magic.Fail) ? Failed(ProviderErrorKind.Unavailable, "internal_error", "The sandbox failed, as asked.")
        : magic.HasFlag(Magic.Moderated) ? Failed(ProviderErrorKind.ContentRefused, "content_policy",
            "The sandbox's moderation refused, as asked.")
        : magic.HasFlag(Magic.NeverFinishes) ? new PollResult.Running(42, null, PollAfter)
        : !magic.HasFlag(Magic.Timeout) ? null
        : time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(job.AcceptedAt) >= ExpiresAfter
            ? Failed(ProviderErrorKind.Expired, "expired", "The sandbox gave up, as asked.")
        : new PollResult.Running(7, null, PollAfter);

    private TimeSpan Remaining(SandboxJob job) => DateTimeOffset.FromUnixTimeMilliseconds(job.ReadyAt) - time.GetUtcNow();

    private static PollResult Failed(ProviderErrorKind kind, string code, string message) =>
        new PollResult.Failed(new ProviderError(kind, code, message));
}
