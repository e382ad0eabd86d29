using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Generations.Gating;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>The submit: bring the inputs into the vendor's form, write the intent, make one paid call, record its answer.</summary>
internal sealed class SubmitStep(
    GenerationBooks books, ProviderJobs jobs, ProviderConversation conversation, Failover failover, GenerationOptions options)
{
    // Each time another node has learned something about the provider meanwhile.
    private const int MostTurns = 8;
    private static readonly TimeSpan AfterTurns = TimeSpan.FromSeconds(1);

    /// <summary>Names this process in the attempts it makes.</summary>
    private readonly string _owner = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";

    public async Task<Stepped> RunAsync(Generation generation)
    {
        if (generation.Cancel is CancelState.Requested)
        {
            return new Stepped(await books.SaveAsync(generation, new GenerationEvent.CancelConfirmed()));
        }

        if (books.Now >= generation.DeadlineAt)
        {
            return new Stepped(await books.SaveAsync(generation, new GenerationEvent.DeadlineStopped()));
        }

        PreparedInputs inputs;
        await using (var cancel = books.WatchCancel(generation))
        {
            try
            {
                inputs = await jobs.InputsAsync(generation, cancel.Token);
            }
            catch (OperationCanceledException) when (cancel.Token.IsCancellationRequested)
            {
                // Nothing was sent yet.
                return new Stepped(await books.SaveAsync(cancel.Seen, new GenerationEvent.CancelConfirmed()));
            }
        }

        if (inputs.Refusal is { } unusable)
        {
            // Nothing was sent; another vendor may read the file as it is.
            return new Stepped(await books.SaveAsync(generation, new GenerationEvent.Refused(unusable, failover.Next(generation))));
        }

        if (books.IsStopping)
        {
            // Back into the queue: another node, or the next start, submits it.
            return new Stepped(await books.SaveAsync(generation, new GenerationEvent.Held(TimeSpan.Zero)));
        }

        for (var turns = 0; turns < MostTurns; turns++)
        {
            var turn = await failover.Gates.TakeAsync(generation.Provider);
            if (turn.Key is not { } key)
            {
                return new Stepped(await books.SaveAsync(generation, failover.Instead(generation, turn.Closed)));
            }

            try
            {
                return await SubmitAsync(generation, turn, key, inputs.Files);
            }
            catch (GateMovedException)
            {
                await failover.Gates.RefreshAsync(generation.Provider);
            }
        }

        return new Stepped(await books.SaveAsync(generation, new GenerationEvent.Held(AfterTurns)));
    }

    private async Task<Stepped> SubmitAsync(Generation generation, GateTurn turn, ProviderKey key, IReadOnlyList<ProviderInput> files)
    {
        var attemptId = Ids.New(Ids.Attempt, books.Now.ToUnixTimeMilliseconds());
        var (job, callback) = jobs.New(generation, attemptId, key, books.Now, files);
        var prepared = job.Adapter.Prepare(job.Request);
        var builtIn = job.Adapter.Profile.BuiltIn;
        var cost = builtIn ? AttemptCost.None : AttemptCost.ByRule(jobs.ModelOf(generation), generation);
        var intent = new AttemptIntent(prepared.Model, HashOf(generation, prepared.Model), key.Id, callback?.Token, cost);
        var call = builtIn ? null : new ProviderCall(key.Id, prepared.Model, prepared.Sent);

        var fence = books.NewFence();
        var asked = fence.Now();

        // Write-ahead: from here on the books know that money may move.
        var intended = await books.SaveAsync(
            generation,
            new GenerationEvent.Intended(attemptId, options.Lease, call is null ? null : GenerationJson.Write(call)),
            also: (tx, next) => AttemptStore.InsertAsync(tx, next, intent, turn.Seen, _owner, books.Now));
        if (intended?.AttemptId != attemptId)
        {
            return new Stepped(intended);
        }

        CrashPoints.Hit("K5");
        if (turn.IsProbe)
        {
            await failover.Gates.ProbeSentAsync(generation.Provider);
        }

        fence.Extend(asked, options.Lease);
        await using var lease = books.KeepLease(intended, options.Lease, fence);
        SubmitFence.Current = fence;
        var result = await conversation.SubmitAsync(job, prepared, CancellationToken.None);
        CrashPoints.Hit("K8");
        var reported = failover.Gates.ReportAsync(generation.Provider, key, result);
        var saved = await RecordAsync(intended, call, result);
        CrashPoints.Hit("K9");
        await reported;
        return new Stepped(saved, (result as SubmitResult.Completed)?.Outputs);
    }

    private Task<Generation?> RecordAsync(Generation generation, ProviderCall? call, SubmitResult result) => result switch
    {
        SubmitResult.Accepted accepted => books.RecordAsync(
            generation,
            new GenerationEvent.Accepted(
                accepted.ProviderTaskId,
                accepted.PollAfter ?? ProviderConversation.PollAfter(jobs.ModelOf(generation), TimeSpan.Zero),
                WithRequestId(call, accepted.RequestId, accepted.ProviderTaskId)),
            new AttemptOutcome(AttemptStore.Accepted, accepted.ProviderTaskId, accepted.RequestId)
            {
                Cost = AttemptCost.Told(accepted.ChargedMicros),
            }),
        SubmitResult.Completed completed => books.RecordAsync(
            generation,
            new GenerationEvent.Accepted(
                completed.ProviderTaskId, null, WithRequestId(call, completed.RequestId, completed.ProviderTaskId)),
            new AttemptOutcome(AttemptStore.Accepted, completed.ProviderTaskId, completed.RequestId)
            {
                Cost = AttemptCost.Told(completed.ChargedMicros),
            }),
        SubmitResult.Refused refused => books.RecordAsync(
            generation,
            new GenerationEvent.Refused(refused.Error, failover.After(generation, refused.Error))
            {
                MayBeAskedAgain = jobs.EvidenceOf(generation) is EvidenceClass.IdempotencyKey,
            },
            new AttemptOutcome(AttemptStore.Refused, Error: $"{refused.Error.VendorCode}: {refused.Error.VendorMessage}")),
        SubmitResult.Unknown unknown => books.RecordAsync(
            generation, new GenerationEvent.OutcomeLost(unknown.Reason), new AttemptOutcome(AttemptStore.Unknown, Error: unknown.Reason)),
        _ => throw new InvalidOperationException($"Unknown submit result {result}."),
    };

    // A handle that is a URL is the vendor's business: it may hold a signature.
    private static string? WithRequestId(ProviderCall? call, string? requestId, string handle) =>
        call is null
            ? null
            : GenerationJson.Write(
                call with { RequestId = requestId ?? (handle.Contains("://", StringComparison.Ordinal) ? null : handle) });

    private static string HashOf(Generation generation, string providerModel) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{providerModel}\n{generation.Prompt}\n{generation.Parameters}\n{generation.Inputs}")));
}
