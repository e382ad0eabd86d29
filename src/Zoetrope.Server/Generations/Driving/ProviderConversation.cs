using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>
/// The conversation with a provider about one job, without the books around it: submit, look for it, poll, stop, fetch. Every
/// call has an end, whatever an adapter throws is an answer, and a vendor's words come back fit to be kept.
/// </summary>
/// <param name="ingest">Takes a result into the store.</param>
/// <param name="time">The clock.</param>
/// <param name="shared">Shares results inside answers with other nodes; null for a trial, which is of this process alone.</param>
internal sealed class ProviderConversation(ResultIngest ingest, TimeProvider time, AttemptResults? shared = null)
{
    /// <summary>How long one submit may take; longer is a lost answer. Synchronous image vendors answer within minutes.</summary>
    private static readonly TimeSpan SubmitCap = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallCap = TimeSpan.FromMinutes(1);

    /// <summary>A model of minutes is not asked twice a second; one that is late is asked less and less.</summary>
    public static TimeSpan PollAfter(ModelSpec? model, TimeSpan running) =>
        TimeSpan.FromSeconds(Math.Clamp(Math.Max((model?.TypicalSeconds ?? 0) / 20.0, running.TotalSeconds / 10), 0.5, 10));

    /// <summary>Exactly one paid call. An exception proves nothing, so it is an unknown outcome.</summary>
    public async Task<SubmitResult> SubmitAsync(ProviderJob job, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        using var cap = new CancellationTokenSource(SubmitCap, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cap.Token, cancellationToken);
        SubmitResult result;
        try
        {
            result = await job.Adapter.SubmitAsync(job.Request, prepared, either.Token);
        }
        catch (Exception exception)
        {
            result = new SubmitResult.Unknown(exception.Message);
        }

        if (result is SubmitResult.Completed && shared is not null)
        {
            await shared.KeepAsync(job.Request.AttemptId);
        }

        return ProviderWords.Clean(result, job.Request.Key);
    }

    /// <summary>Looks for the job of a submit whose answer is lost.</summary>
    public async Task<LookupResult> LookupAsync(ProviderJob job)
    {
        using var cap = new CancellationTokenSource(CallCap, time);
        try
        {
            await (shared?.BringAsync(job.Request.AttemptId) ?? Task.CompletedTask);
            return await job.Adapter.LookupAsync(job.Request, cap.Token);
        }
        catch (Exception exception)
        {
            return new LookupResult.Undecided(exception.Message);
        }
    }

    public async Task<PollResult> PollAsync(ProviderJob job, string handle)
    {
        using var cap = new CancellationTokenSource(CallCap, time);
        PollResult result;
        try
        {
            // The handle of a result that came inside an answer is the attempt itself.
            await (handle == job.Request.AttemptId && shared is not null ? shared.BringAsync(handle) : Task.CompletedTask);
            result = await job.Adapter.PollAsync(job.Request, handle, cap.Token);
        }
        catch (Exception exception)
        {
            result = new PollResult.Unreadable(exception.Message);
        }

        return ProviderWords.Clean(result, job.Request.Key);
    }

    public async Task<CancelResult> CancelAsync(ProviderJob job, string handle)
    {
        using var cap = new CancellationTokenSource(CallCap, time);
        try
        {
            return await job.Adapter.CancelAsync(job.Request, handle, cap.Token);
        }
        catch (Exception)
        {
            return CancelResult.Unknown;
        }
    }

    /// <summary>
    /// Fetches and checks the result files, one after the other, and keeps them in the store. Repeating it keeps the same
    /// files.
    /// </summary>
    public async Task<FetchedFiles> FetchAsync(
        IReadOnlyList<ProviderOutput> outputs, OutputSpec expected, ProviderProfile from, CancellationToken cancellationToken)
    {
        var files = new List<IngestedArtifact>();
        foreach (var output in outputs)
        {
            try
            {
                var ingested = await ingest(output, expected, from.BuiltIn, cancellationToken);
                if (ingested.Failed(out var problem, out var stored))
                {
                    return new FetchedFiles(files, new FetchFailure(problem.Kind.Code, problem.Message, IsFinal: true, output));
                }

                files.Add(stored);
            }
            catch (IOException exception)
            {
                // Our disk, or the file vanished between poll and here: the provider still has it.
                return new FetchedFiles(files, new FetchFailure("RESULT_NOT_FETCHED", exception.Message, IsFinal: false, output));
            }
        }

        return new FetchedFiles(files, outputs.Count == 0
            ? new FetchFailure(Problems.BadOutput.Code, "the provider reported success without a file", IsFinal: true, null)
            : null);
    }
}

/// <summary>The result files that are in the store, and what became of the one after them.</summary>
internal sealed record FetchedFiles(IReadOnlyList<IngestedArtifact> Files, FetchFailure? Failure);

/// <summary>Why a result file is not in the store.</summary>
/// <param name="Code">The code of the problem.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="IsFinal">It is no usable file and will not become one; otherwise it could not be read this time.</param>
/// <param name="Output">The file; null where the provider named none.</param>
internal sealed record FetchFailure(string Code, string Reason, bool IsFinal, ProviderOutput? Output);
