using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Artifacts.Provenance;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Artifacts;

/// <summary>A result file in the store, not yet named by any row.</summary>
/// <param name="Probe">The result.</param>
/// <param name="Labelled">The file says by IPTC metadata that a machine made it.</param>
/// <param name="C2pa">The provider's signed content credentials were kept instead.</param>
internal sealed record IngestedArtifact(MediaProbe Probe, bool Labelled, bool C2pa);

/// <summary>Takes one of a provider's result files into the store (<see cref="ArtifactIngest.IngestAsync"/>).</summary>
internal delegate Task<Outcome<IngestedArtifact>> ResultIngest(
    ProviderOutput output, OutputSpec expected, bool isSandbox, CancellationToken cancellationToken);

/// <summary>
/// Takes a provider's result into the store: fetch, sniff, check, label, hash, publish. Safe to repeat: a crash
/// before the generation's last transaction leaves only files that the sweep removes.
/// </summary>
internal sealed partial class ArtifactIngest(
    EgressClient egress,
    StoredFiles store,
    OutputCheck check,
    ArtifactOptions options,
    ILogger<ArtifactIngest> logger)
{
    private readonly TemporaryFiles _temporary = new(options);
    private readonly HostSlots _slots = new(Math.Max(1, options.OutputFetchConcurrency));

    /// <exception cref="IOException">The result may be good but could not be fetched or stored now; ask again later.</exception>
    public async Task<Outcome<IngestedArtifact>> IngestAsync(
        ProviderOutput output, OutputSpec expected, bool isSandbox, CancellationToken cancellationToken)
    {
        var path = _temporary.NewPath();
        var changedPath = _temporary.NewResultPath();
        try
        {
            if (await TakeAsync(output, path, cancellationToken) is { } unreadable)
            {
                return BadOutput(unreadable);
            }

            CheckedOutput found;
            ProvenanceResult label;
            try
            {
                found = await check.CheckAsync(path, expected, changedPath, cancellationToken);
                if (found.Header is null)
                {
                    return BadOutput(found.Reason);
                }

                label = await ProvenanceLabel.ApplyAsync(path, found.Header.ContentType, isSandbox, cancellationToken);
            }
            catch (Exception exception) when (exception is EndOfStreamException or not (IOException or UnauthorizedAccessException
                or OperationCanceledException or OutOfMemoryException or ProgramMissingException))
            {
                // A parser stumbled. The same bytes would make it stumble for ever, and the customer's credits wait.
                LogStumbled(exception);
                return BadOutput("it could not be parsed");
            }

            var probe = await store.PutAsync(path, found.Header, cancellationToken);
            return new IngestedArtifact(probe, label.Labelled, label.C2pa);
        }
        finally
        {
            File.Delete(path);
            File.Delete(changedPath);
        }
    }

    private async Task<string?> TakeAsync(ProviderOutput output, string path, CancellationToken cancellationToken)
    {
        if (output.Path is { } local)
        {
            if (!File.Exists(local))
            {
                return "the adapter's file does not exist";
            }

            File.Move(local, path);
            return null;
        }

        if (output.Url is not { } url)
        {
            return "the provider returned no file";
        }

        using var slot = await _slots.TakeAsync(url.IdnHost, cancellationToken);
        var limits = new FetchLimits(options.MaxOutputBytes, options.OutputFetchTimeout);
        var fetched = await egress.FetchToFileAsync(url, path, limits, output.Headers, cancellationToken);
        return fetched.Failure switch
        {
            null => null,
            { IsTransient: true } failure =>
                throw new IOException($"The provider's result could not be fetched now: {failure.Kind} {failure.Message} {failure.Detail}"),
            var failure => $"it could not be fetched: {failure.Kind} {failure.Message} {failure.Detail}",
        };
    }

    private Problem BadOutput(string reason)
    {
        LogBadOutput(reason);
        return Problems.BadOutput.With("The provider's result was not a usable media file.");
    }

    [LoggerMessage(LogLevel.Error, "A parser failed on a provider's result")]
    private partial void LogStumbled(Exception exception);

    [LoggerMessage(LogLevel.Warning, "A provider's result was refused: {Reason}")]
    private partial void LogBadOutput(string reason);
}
