using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Generations.Feeds;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// One bounded step of a running generation: read the row, make at most one provider call, save one transition. The row is
/// the truth; when a save finds that the version has moved, the row is read again, and what was learned here is dropped unless
/// it still fits: a customer's cancel must not cost us the answer of a vendor that was paid.
/// </summary>
internal sealed partial class GenerationDriver(GenerationDriverTools tools, GenerationOptions options, TimeProvider time, ILogger<GenerationDriver> logger)
{
    /// <summary>How long one submit may take; longer is a lost answer. Synchronous image vendors answer within minutes.</summary>
    private static readonly TimeSpan SubmitCap = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallCap = TimeSpan.FromMinutes(1);

    private Database Database => tools.Database;

    private TimeSpan Lease => TimeSpan.FromSeconds(options.LeaseSeconds);

    private TimeSpan Reconcile => TimeSpan.FromMinutes(options.ReconcileMinutes);

    public static TimeSpan Deadline(ModelCatalog catalog, string model) =>
        TimeSpan.FromSeconds(catalog.Find(model)?.DeadlineSeconds ?? 1_800);

    /// <summary>Takes one step; returns when to take the next, null when this generation no longer runs.</summary>
    public async Task<DateTimeOffset?> StepAsync(string accountId, string id)
    {
        var generation = await Database.ReadAsync(session => GenerationStore.FindAsync(session, accountId, id));
        if (generation is not { Status: GenerationStatus.Running })
        {
            return null;
        }

        var next = generation.Step is GenerationStep.Submit ? await SubmitStepAsync(generation) : await PollStepAsync(generation);
        return next is { Status: GenerationStatus.Running } ? next.PollAt ?? next.NextRunAt : null;
    }

    private async Task<Generation?> SubmitStepAsync(Generation generation)
    {
        var now = time.GetUtcNow();
        if (generation.AttemptId is null)
        {
            return generation switch
            {
                { Cancel: CancelState.Requested } => await SaveAsync(generation, new GenerationEvent.CancelConfirmed()),
                _ when now >= generation.DeadlineAt => await SaveAsync(generation, new GenerationEvent.DeadlineStopped()),
                _ => await SubmitAsync(generation),
            };
        }

        var attempt = await Database.ReadAsync(session => AttemptStore.FindAsync(session, generation.AttemptId))
            ?? throw new InvalidOperationException($"Attempt {generation.AttemptId} of {generation.Id} is missing.");
        if (attempt is { State: AttemptStore.Unknown, ProviderTaskId: { } told })
        {
            // The answer was lost, but the vendor called back: the job is ours.
            return await SaveAsync(generation, new GenerationEvent.Accepted(told, TimeSpan.Zero), new AttemptOutcome(AttemptStore.Accepted, told));
        }

        // A submit is in the air, or its sender died: the lease says which. Afterwards this is the time of the next lookup.
        if (now < generation.NextRunAt)
        {
            return generation;
        }

        if (attempt.State == AttemptStore.Intended)
        {
            const string reason = "the process that submitted died or was cut off before it recorded an answer";
            LogOutcomeLost(generation.Id, generation.Provider, reason);
            var lost = await SaveAsync(generation, new GenerationEvent.OutcomeLost(reason), new AttemptOutcome(AttemptStore.Unknown, Error: reason));
            if (lost is not { Status: GenerationStatus.Running, Step: GenerationStep.Submit } || lost.AttemptId != attempt.Id)
            {
                return lost;
            }

            generation = lost;
        }

        return await LookupAsync(generation, attempt);
    }

    private async Task<Generation?> SubmitAsync(Generation generation)
    {
        var model = tools.Catalog.Current.Find(generation.Model);
        var adapter = tools.Providers.Get(generation.Provider);
        var inputs = await tools.Media.InputsAsync(generation, adapter.Profile.Inputs);
        if (inputs.Refusal is { } unusable)
        {
            // Nothing was sent; another vendor may read the file as it is.
            return await SaveAsync(generation, new GenerationEvent.Refused(unusable, tools.Routing.After(model, generation)));
        }

        var gate = tools.Providers.Gate(generation.Provider);
        if (gate.Take(out var closed) is not { } key)
        {
            return await WaitOrMoveAsync(generation, model, closed);
        }

        var attemptId = Ids.New(Ids.Attempt, time);
        var route = Routing.RouteOf(model, generation);
        var callback = tools.Callbacks.New(adapter, attemptId);
        var request = Request(generation, attemptId, route, time.GetUtcNow(), inputs.Files) with { Key = key, CallbackUrl = callback?.Url };
        var intent = new AttemptIntent(route.Model, HashOf(generation, route.Model), key.Id, callback?.Token);
        var call = generation.Provider == ProviderRegistry.Sandbox ? null : Call(request, key);

        // Write-ahead: from here on the books know that money may move.
        var intended = await SaveAsync(
            generation,
            new GenerationEvent.Intended(attemptId, Lease, call is null ? null : GenerationJson.Write(call)),
            also: (tx, next) => AttemptStore.InsertAsync(tx, next, intent, tools.Owner, time.GetUtcNow()));
        if (intended?.AttemptId != attemptId)
        {
            return intended;
        }

        CrashPoints.Hit("K5");
        SubmitResult result;
        using var cap = new CancellationTokenSource(SubmitCap, time);
        await using (new LeaseKeeper(Database, intended, Lease, time))
        {
            try
            {
                result = await adapter.SubmitAsync(request, cap.Token);
            }
            catch (Exception exception)
            {
                result = new SubmitResult.Unknown(exception.Message);
            }
        }

        CrashPoints.Hit("K8");
        result = ProviderWords.Clean(result, key);
        gate.Report(key, result);
        var saved = await RecordAsync(intended, model, call, result);
        CrashPoints.Hit("K9");
        return saved is { Status: GenerationStatus.Running } && result is SubmitResult.Completed completed
            ? await IngestAsync(saved, completed.Outputs)
            : saved;
    }

    /// <summary>The provider may not be asked now: another route that is open, or the wait; a provider that refuses all our keys is not waited for.</summary>
    private async Task<Generation?> WaitOrMoveAsync(Generation generation, ModelSpec? model, ProviderClosure closed)
    {
        var next = tools.Routing.After(model, generation, openOnly: true);
        if (next is null && !closed.NeedsOperator)
        {
            return await SaveAsync(generation, new GenerationEvent.Held(closed.Wait));
        }

        var error = new ProviderError(closed.NeedsOperator ? ProviderErrorKind.Auth : ProviderErrorKind.Unavailable, "not_asked", closed.Reason);
        return await SaveAsync(generation, new GenerationEvent.Refused(error, next));
    }

    private async Task<Generation?> RecordAsync(Generation generation, ModelSpec? model, ProviderCall? call, SubmitResult result)
    {
        switch (result)
        {
            case SubmitResult.Accepted accepted:
                return await SaveAsync(
                    generation,
                    new GenerationEvent.Accepted(accepted.ProviderTaskId, accepted.PollAfter ?? PollAfter(model, TimeSpan.Zero), WithRequestId(call, accepted.RequestId, accepted.ProviderTaskId)),
                    new AttemptOutcome(AttemptStore.Accepted, accepted.ProviderTaskId, accepted.RequestId));
            case SubmitResult.Completed completed:
                return await SaveAsync(
                    generation,
                    new GenerationEvent.Accepted(completed.ProviderTaskId, null, WithRequestId(call, completed.RequestId, completed.ProviderTaskId)),
                    new AttemptOutcome(AttemptStore.Accepted, completed.ProviderTaskId, completed.RequestId));
            case SubmitResult.Refused refused:
                LogRefused(generation.Id, generation.Provider, refused.Error.Kind, refused.Error.VendorCode);
                return await SaveAsync(
                    generation,
                    new GenerationEvent.Refused(refused.Error, NextAfter(model, generation, refused.Error)),
                    new AttemptOutcome(AttemptStore.Refused, Error: $"{refused.Error.VendorCode}: {refused.Error.VendorMessage}"));
            case SubmitResult.Unknown unknown:
                LogOutcomeLost(generation.Id, generation.Provider, unknown.Reason);
                return await SaveAsync(generation, new GenerationEvent.OutcomeLost(unknown.Reason), new AttemptOutcome(AttemptStore.Unknown, Error: unknown.Reason));
            default:
                throw new InvalidOperationException($"Unknown submit result {result}.");
        }
    }

    /// <summary>Where a refused request may go: to the provider's next key when only the key was at fault, otherwise to the next route.</summary>
    private RouteChoice? NextAfter(ModelSpec? model, Generation generation, ProviderError error)
    {
        if (error.Kind is ProviderErrorKind.ContentRefused)
        {
            return null;
        }

        var gate = tools.Providers.Gate(generation.Provider);
        var otherKey = error.Kind is ProviderErrorKind.Auth or ProviderErrorKind.QuotaExhausted or ProviderErrorKind.RateLimited && gate.Keys.Count > 1 && gate.IsOpen;
        return otherKey ? new RouteChoice(generation.Route, generation.Provider) : tools.Routing.After(model, generation);
    }

    private static ProviderCall Call(ProviderRequest request, ProviderKey key)
    {
        var translated = RouteTranslation.Translate(request.Route, request.Prompt, request.Parameters, request.Output);
        var sent = new JsonObject();
        foreach (var field in translated.Fields.Where(field => field.Field.Source is not RouteSource.Prompt))
        {
            sent[field.Path.Text] = field.Value.DeepClone();
        }

        return new ProviderCall(key.Id, translated.Model, sent);
    }

    // A handle that is a URL is the vendor's business: it may hold a signature.
    private static string? WithRequestId(ProviderCall? call, string? requestId, string handle) =>
        call is null ? null : GenerationJson.Write(call with { RequestId = requestId ?? (handle.Contains("://", StringComparison.Ordinal) ? null : handle) });

    private async Task<Generation?> LookupAsync(Generation generation, Attempt attempt)
    {
        var intendedAt = DateTimeOffset.FromUnixTimeMilliseconds(attempt.CreatedAt);
        var inputs = await tools.Media.InputsAsync(generation, tools.Providers.Get(generation.Provider).Profile.Inputs);
        var request = Request(generation, attempt.Id, Routing.RouteOf(tools.Catalog.Current.Find(generation.Model), generation), intendedAt, inputs.Files) with
        {
            CallbackUrl = attempt.CallbackToken is { } token ? tools.Callbacks.UrlOf(generation.Provider, attempt.Id, token) : null,
        };
        LookupResult result;
        using var cap = new CancellationTokenSource(CallCap, time);
        try
        {
            result = inputs.Refusal is { } unusable
                ? new LookupResult.Undecided(unusable.VendorMessage)
                : await tools.Providers.Get(generation.Provider).LookupAsync(request, cap.Token);
        }
        catch (Exception exception)
        {
            result = new LookupResult.Undecided(exception.Message);
        }

        if (result is LookupResult.Undecided undecided && time.GetUtcNow() > intendedAt + Reconcile)
        {
            result = new LookupResult.Impossible($"not found out within {Reconcile.TotalMinutes:0} minutes: {undecided.Reason}");
        }

        return result switch
        {
            LookupResult.Found found => await SaveAsync(generation, new GenerationEvent.Accepted(found.ProviderTaskId, TimeSpan.Zero), new AttemptOutcome(AttemptStore.Accepted, found.ProviderTaskId)),
            LookupResult.Absent => await SaveAsync(generation, new GenerationEvent.FoundAbsent(), new AttemptOutcome(AttemptStore.Refused, Error: "proven absent")),
            LookupResult.Impossible impossible => await SaveAsync(generation, new GenerationEvent.NeverKnown(impossible.Reason), new AttemptOutcome(AttemptStore.Unresolved, Error: impossible.Reason)),
            LookupResult.Undecided open => await SaveAsync(generation, new GenerationEvent.StillUnknown(open.Reason)),
            _ => throw new InvalidOperationException($"Unknown lookup result {result}."),
        };
    }

    private async Task<Generation?> PollStepAsync(Generation generation)
    {
        var adapter = tools.Providers.Get(generation.Provider);
        var request = Request(generation, generation.AttemptId!, Routing.RouteOf(tools.Catalog.Current.Find(generation.Model), generation), generation.CreatedAt, []);
        using var cap = new CancellationTokenSource(CallCap, time);
        var late = time.GetUtcNow() >= generation.DeadlineAt;
        if (generation.Cancel is CancelState.Requested || late)
        {
            var canceled = await CancelAsync(adapter, request, generation, cap.Token);
            if (generation.Cancel is CancelState.Requested)
            {
                return canceled switch
                {
                    CancelResult.Confirmed => await SaveAsync(generation, new GenerationEvent.CancelConfirmed(), new AttemptOutcome(AttemptStore.Ended)),
                    CancelResult.Refused => await SaveAsync(generation, new GenerationEvent.CancelDeclined()),
                    _ => await SaveAsync(generation, new GenerationEvent.ReadFailed("the cancel had no answer", null)),
                };
            }

            if (canceled is CancelResult.Confirmed)
            {
                return await SaveAsync(generation, new GenerationEvent.DeadlineStopped(), new AttemptOutcome(AttemptStore.Ended));
            }
        }

        PollResult result;
        try
        {
            result = await adapter.PollAsync(request, generation.ProviderTaskId!, cap.Token);
        }
        catch (Exception exception)
        {
            result = new PollResult.Unreadable(exception.Message);
        }

        CrashPoints.Hit("K10");
        result = ProviderWords.Clean(result, request.Key);
        if (result is PollResult.Running or PollResult.Unreadable && IsAbandoned(generation))
        {
            return await AbandonAsync(generation);
        }

        return result switch
        {
            PollResult.Running running => await SaveProgressAsync(generation, new GenerationEvent.ProgressSeen(running.Progress, running.QueuePosition, running.PollAfter ?? PollAfter(tools.Catalog.Current.Find(generation.Model), time.GetUtcNow() - (generation.StartedAt ?? generation.CreatedAt)))),
            PollResult.Unreadable unreadable => await SaveAsync(generation, new GenerationEvent.ReadFailed(unreadable.Reason, unreadable.RetryAfter)),
            PollResult.Failed failed => await SaveAsync(generation, new GenerationEvent.ProviderFailed(failed.Error), new AttemptOutcome(AttemptStore.Ended, Error: $"{failed.Error.VendorCode}: {failed.Error.VendorMessage}")),
            PollResult.Succeeded succeeded => await IngestAsync(generation, succeeded.Outputs),
            _ => throw new InvalidOperationException($"Unknown poll result {result}."),
        };
    }

    // Thousands of jobs without news must not be thousands of writes.
    private async Task<Generation?> SaveProgressAsync(Generation generation, GenerationEvent.ProgressSeen seen)
    {
        var now = time.GetUtcNow();
        return GenerationTransitions.IsNews(generation, seen, now)
            ? await SaveAsync(generation, seen)
            : generation with { PollAt = GenerationTransitions.NextPoll(seen, now) };
    }

    private async Task<Generation?> IngestAsync(Generation polled, IReadOnlyList<ProviderOutput> outputs)
    {
        var generation = await SaveAsync(polled, new GenerationEvent.ResultReady());
        if (generation is not { Status: GenerationStatus.Running, Step: GenerationStep.Ingest })
        {
            return generation;
        }

        var ingest = await tools.Media.IngestAsync(generation, outputs, CancellationToken.None);
        CrashPoints.Hit("K12");
        switch (ingest)
        {
            case IngestResult.Stored stored:
                var done = await SaveAsync(
                    generation,
                    new GenerationEvent.Ingested(GenerationJson.Write(stored.Results), generation.Quoted),
                    new AttemptOutcome(AttemptStore.Ended),
                    also: (tx, _) => stored.SaveAsync(tx));
                CrashPoints.Hit("K11");
                return done;
            case IngestResult.Rejected rejected:
                return await SaveAsync(generation, new GenerationEvent.OutputRejected(rejected.Reason), new AttemptOutcome(AttemptStore.Ended, Error: rejected.Reason));
            case IngestResult.NotReached when IsAbandoned(generation):
                return await AbandonAsync(generation);
            case IngestResult.NotReached notReached:
                return await SaveAsync(generation, new GenerationEvent.ReadFailed(notReached.Reason, null));
            default:
                throw new InvalidOperationException($"Unknown ingest result {ingest}.");
        }
    }

    private bool IsAbandoned(Generation generation) => time.GetUtcNow() > generation.DeadlineAt + Reconcile;

    private Task<Generation?> AbandonAsync(Generation generation)
    {
        LogAbandoned(generation.Id, generation.Provider);
        return SaveAsync(generation, new GenerationEvent.DeadlineAbandoned(), new AttemptOutcome(AttemptStore.Unresolved, Error: "abandoned after the deadline"));
    }

    private static async Task<CancelResult> CancelAsync(IProviderAdapter adapter, ProviderRequest request, Generation generation, CancellationToken cancellationToken)
    {
        try
        {
            return await adapter.CancelAsync(request, generation.ProviderTaskId!, cancellationToken);
        }
        catch (Exception)
        {
            return CancelResult.Unknown;
        }
    }

    /// <summary>
    /// Applies the event, saves the result with the attempt's new state, and returns the saved row. When the version had
    /// moved but what was learned still fits, it is applied to the row as it is now; otherwise that row is returned.
    /// </summary>
    private async Task<Generation?> SaveAsync(
        Generation generation,
        GenerationEvent happened,
        AttemptOutcome? attempt = null,
        Func<Tx, Generation, Task>? also = null)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var transition = GenerationTransitions.Apply(generation, happened, now);
            if (await TrySaveAsync(generation, transition, now, attempt, also))
            {
                Announce(generation, transition.Next);
                return transition.Next;
            }

            var current = await Database.ReadAsync(session => GenerationStore.FindAsync(session, generation.AccountId, generation.Id));
            if (current is null || !GenerationTransitions.StillFits(generation, current, happened))
            {
                LogFenced(generation.Id, happened.GetType().Name);
                tools.Metrics.Fenced();
                await KeepHandleAsync(generation, attempt);
                return current;
            }

            generation = current;
        }
    }

    private Task<bool> TrySaveAsync(Generation generation, Transition transition, DateTimeOffset now, AttemptOutcome? attempt, Func<Tx, Generation, Task>? also) =>
        Database.InTransactionAsync(async tx =>
        {
            if (!await tools.Writer.SaveAsync(tx, generation, transition, now))
            {
                return false;
            }

            if (attempt is not null && generation.AttemptId is not null)
            {
                await AttemptStore.SetStateAsync(tx, generation.AttemptId, attempt, now);
            }

            if (also is not null)
            {
                await also(tx, transition.Next);
            }

            return true;
        });

    // The row went on without this answer, but a job that may be billed must be found in the attempts.
    private async Task KeepHandleAsync(Generation generation, AttemptOutcome? attempt)
    {
        if (attempt?.ProviderTaskId is { } handle && generation.AttemptId is { } attemptId)
        {
            await Database.InTransactionAsync(tx => AttemptStore.KeepHandleAsync(tx, attemptId, handle, attempt.RequestId, time.GetUtcNow()));
        }
    }

    private void Announce(Generation before, Generation next)
    {
        tools.Metrics.Moved(before, next);
        tools.RunTimes.Record(next);
        tools.Signals.Changed(next.AccountId, next.Id);
        if (next.Status is not GenerationStatus.Running)
        {
            // The slot is free: its provider's scheduler may have a use for it, and a requeued row may have a new provider.
            tools.Signals.Queued(before.Provider);
            if (next.Provider != before.Provider)
            {
                tools.Signals.Queued(next.Provider);
            }
        }
    }

    private ProviderRequest Request(Generation generation, string attemptId, RouteSpec route, DateTimeOffset intendedAt, IReadOnlyList<ProviderInput> inputs)
    {
        using var parameters = JsonDocument.Parse(generation.Parameters);
        return new ProviderRequest
        {
            AttemptId = attemptId,
            Route = route,
            Key = tools.Providers.Gate(generation.Provider).Find(GenerationJson.Call(generation)?.Key),
            Model = generation.Model,
            Mode = tools.Catalog.Current.Find(generation.Model)?.Mode ?? "",
            Prompt = generation.Prompt,
            Parameters = parameters.RootElement.Clone(),
            Inputs = inputs,
            Output = GenerationJson.Output(generation),
            IntendedAt = intendedAt,
        };
    }

    // A model of minutes is not asked twice a second; one that is late is asked less and less.
    private static TimeSpan PollAfter(ModelSpec? model, TimeSpan running) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Max((model?.TypicalSeconds ?? 0) / 20.0, running.TotalSeconds / 10), 0.5, 10));

    private static string HashOf(Generation generation, string providerModel) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{providerModel}\n{generation.Prompt}\n{generation.Parameters}\n{generation.Inputs}")));

    [LoggerMessage(LogLevel.Warning, "{GenerationId}: the answer of {Provider} to a submit is lost ({Reason}); looking for the job, not submitting again")]
    private partial void LogOutcomeLost(string generationId, string provider, string reason);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Provider} refused the submit: {Kind} {VendorCode}")]
    private partial void LogRefused(string generationId, string provider, ProviderErrorKind kind, string vendorCode);

    [LoggerMessage(LogLevel.Warning, "{GenerationId}: {Provider} had not finished when the reconciliation window ended; its possible cost is in suspense")]
    private partial void LogAbandoned(string generationId, string provider);

    [LoggerMessage(LogLevel.Information, "{GenerationId}: {Event} came too late, the row had moved on")]
    private partial void LogFenced(string generationId, string @event);
}

/// <summary>What the driver works with.</summary>
internal sealed record GenerationDriverTools(
    Database Database,
    ProviderRegistry Providers,
    CatalogHolder Catalog,
    Routing Routing,
    GenerationWriter Writer,
    GenerationMedia Media,
    CallbackUrls Callbacks,
    GenerationSignals Signals,
    RunTimes RunTimes,
    GenerationMetrics Metrics)
{
    /// <summary>Names this process in the attempts it makes.</summary>
    public string Owner { get; } = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
}
