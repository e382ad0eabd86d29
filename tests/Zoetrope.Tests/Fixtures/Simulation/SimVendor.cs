using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Fixtures.Simulation;

/// <summary>A vendor's job: what it will be billed for is what nobody may lose or buy twice.</summary>
internal sealed class SimJob
{
    public required string Id { get; init; }

    public required string AttemptId { get; init; }

    public required Uri? Callback { get; init; }

    public required TimeSpan EndsAt { get; init; }

    /// <summary>How it ends; null for a result.</summary>
    public required ProviderError? Failure { get; init; }

    public required bool RefusesStop { get; init; }

    public bool IsStopped { get; set; }
}

/// <summary>
/// One vendor, outside every node: it takes requests that have left whatever became of their sender, works, and calls back. Its
/// evidence is one of the classes of docs/01; the last one answers with the result itself.
/// </summary>
internal sealed class SimVendor(SimWorld world, string name)
{
    private readonly Dictionary<string, SimJob> _byAttempt = new(StringComparer.Ordinal);
    private readonly bool _refusesKeys = world.Chance(world.Weather.Vendors / 4);
    private readonly Dictionary<string, SimJob> _jobs = new(StringComparer.Ordinal);
    private TimeSpan _downUntil;

    public string Name => name;

    public EvidenceClass Evidence => name switch
    {
        "ark" => EvidenceClass.IdempotencyKey,
        "bfl" => EvidenceClass.QueryByOurId,
        "fal" => EvidenceClass.ListsRecent,
        "kling" => EvidenceClass.CallsBack,
        _ => EvidenceClass.None,
    };

    /// <summary>It answers a submit with the result.</summary>
    public bool IsSynchronous => name == "openai";

    public IEnumerable<SimJob> Jobs => _jobs.Values;

    public SimJob? Find(string job) => _jobs.GetValueOrDefault(job);

    public SimJob? OfAttempt(string attempt) => _byAttempt.GetValueOrDefault(attempt);

    /// <summary>A paid request arrives.</summary>
    public SubmitResult Receive(ProviderRequest request)
    {
        var attempt = request.AttemptId;
        if (Evidence is EvidenceClass.IdempotencyKey && world.Lie is not SimLie.VendorIgnoresIdempotencyKeys
            && OfAttempt(attempt) is { } known)
        {
            return new SubmitResult.Accepted(known.Id);
        }

        if (world.Fault(world.Weather.Vendors / 20))
        {
            _downUntil = world.Loop.Elapsed + world.Between(10, 600);
        }

        if (Refusal(request) is { } refusal)
        {
            world.Note($"{name} refuses {world.Checks.NameOf(attempt)}: {refusal.Kind}");
            return new SubmitResult.Refused(refusal);
        }

        var failure = End();
        if (IsSynchronous && failure is not null)
        {
            return new SubmitResult.Refused(failure with { Charged = false });
        }

        var job = new SimJob
        {
            Id = $"{name}-{_jobs.Count + 1}",
            AttemptId = attempt,
            Callback = request.CallbackUrl,
            EndsAt = world.Loop.Elapsed + Duration(),
            Failure = failure,
            RefusesStop = world.Chance(0.4),
        };
        _jobs.Add(job.Id, job);
        _byAttempt[attempt] = job;
        world.Checks.Paid(job);
        if (Evidence is EvidenceClass.CallsBack || world.Chance(0.1))
        {
            CallBack(job, world.Between(0.01, 1), ends: false);
            CallBack(job, job.EndsAt - world.Loop.Elapsed, ends: true);
        }

        return IsSynchronous
            ? new SubmitResult.Completed(attempt, SimLab.Outputs)
            : new SubmitResult.Accepted(job.Id, PollAfter: world.Between(0.5, 3));
    }

    /// <summary>The answer to a poll.</summary>
    public PollResult Read(string jobId)
    {
        if ((Find(jobId) ?? OfAttempt(jobId)) is not { } job)
        {
            return new PollResult.Failed(new ProviderError(ProviderErrorKind.Expired, "gone", "", Charged: true));
        }

        if (job.IsStopped)
        {
            return new PollResult.Failed(new ProviderError(ProviderErrorKind.Canceled, "stopped", ""));
        }

        // A status that goes back at the vendor must not confuse us.
        if (world.Loop.Elapsed < job.EndsAt || world.Fault(world.Weather.Vendors / 5))
        {
            return new PollResult.Running(world.Pick(3) == 0 ? null : world.Pick(110), PollAfter: world.Between(1, 10));
        }

        // A result is kept for a while only.
        return job.Failure is { } ended ? new PollResult.Failed(ended)
            : world.Fault(world.Weather.Vendors / 5) ? new PollResult.Failed(new ProviderError(ProviderErrorKind.Expired, "late", "", Charged: true))
            : new PollResult.Succeeded(SimLab.Outputs);
    }

    public CancelResult Stop(string jobId)
    {
        if (Find(jobId) is not { RefusesStop: false } job)
        {
            return CancelResult.Refused;
        }

        // One that confirms the stop of a finished job takes it back unbilled.
        if (world.Loop.Elapsed >= job.EndsAt && !world.Fault(world.Weather.Vendors))
        {
            return CancelResult.Refused;
        }

        job.IsStopped = true;
        return CancelResult.Confirmed;
    }

    private ProviderError? Refusal(ProviderRequest request)
    {
        if (world.Loop.Elapsed < _downUntil)
        {
            return new ProviderError(ProviderErrorKind.Unavailable, "503", "");
        }

        return _refusesKeys && !world.IsCalm ? new ProviderError(ProviderErrorKind.Auth, "401", "")
            : !world.Fault(world.Weather.Vendors / 2) ? null
            : world.Pick(5) switch
            {
                0 => new ProviderError(ProviderErrorKind.RateLimited, "429", "", world.Between(1, 20)),
                1 => new ProviderError(ProviderErrorKind.ContentRefused, "moderated", ""),
                2 => new ProviderError(ProviderErrorKind.InvalidInput, "400", ""),
                3 => new ProviderError(ProviderErrorKind.Auth, "401", ""),
                _ => new ProviderError(ProviderErrorKind.QuotaExhausted, "402", ""),
            };
    }

    // Deadlines are 300 s: some finish after it, some never do.
    private TimeSpan Duration() => IsSynchronous ? world.Between(1, 40)
        : world.Fault(world.Weather.Vendors / 4) ? world.Between(200, 1_200)
        : world.Fault(world.Weather.Vendors / 20) ? TimeSpan.FromDays(1)
        : world.Between(2, 60);

    private ProviderError? End() => !world.Chance(world.Weather.Vendors / 3)
        ? null
        : world.Pick(4) switch
        {
            0 => new ProviderError(ProviderErrorKind.ContentRefused, "moderated", "", Charged: true),
            1 => new ProviderError(ProviderErrorKind.Unavailable, "broken", ""),
            2 => new ProviderError(ProviderErrorKind.Expired, "expired", ""),
            _ => new ProviderError(ProviderErrorKind.Canceled, "canceled", ""),
        };

    // Lost, twice, late and out of order.
    private void CallBack(SimJob job, TimeSpan after, bool ends)
    {
        if (job.Callback is null || world.Fault(world.Weather.Messages / 2))
        {
            return;
        }

        var late = world.Fault(world.Weather.Messages) ? world.Between(1, 900) : TimeSpan.Zero;
        world.Loop.At(after + late, () => _ = DeliverAsync(job, tries: 4));
        if (world.Fault(world.Weather.Messages))
        {
            world.Loop.At(after + world.Between(0, 100), () => _ = DeliverAsync(job, tries: 1));
        }

        world.Note($"{name} will call back about {job.Id} {(ends ? "at its end" : "soon")}");
    }

    private async Task DeliverAsync(SimJob job, int tries)
    {
        if (world.AnyNode() is not { } node)
        {
            return;
        }

        try
        {
            await node.Inbox.ReceiveAsync(
                name, job.Callback!.Segments[^1], SimLab.NoHeaders, () => Task.FromResult(SimLab.BodyOf(job.Id)), CancellationToken.None);
        }
        catch (SimAwayException) when (tries > 1)
        {
            world.Loop.At(world.Between(1, 30), () => _ = DeliverAsync(job, tries - 1));
        }
        catch (SimAwayException)
        {
        }
    }
}
