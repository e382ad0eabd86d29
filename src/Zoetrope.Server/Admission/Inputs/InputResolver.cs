using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>
/// Fetches, checks and stores the input files of a request before it costs anything. Every file is judged by its own
/// bytes; every refusal names the client's field, what was found and what is allowed.
/// </summary>
internal sealed class InputResolver(
    InputSource source, ArtifactRecords records, IArtifactStore store, MediaProber prober, ArtifactOptions options)
{
    private readonly TemporaryFiles _temporary = new(options);

    public async Task<Outcome<IReadOnlyList<ResolvedInput>>> ResolveAsync(
        string accountId,
        KeyMode mode,
        IReadOnlyList<(InputReference Reference, InputLimits Limits)> inputs,
        CancellationToken cancellationToken)
    {
        var since = source.StartWaiting();
        using var slots = new SemaphoreSlim(Math.Max(1, options.InputFetchConcurrency));
        var outcomes = await Task.WhenAll(inputs.Select(async input =>
        {
            await slots.WaitAsync(cancellationToken);
            try
            {
                return await ResolveOneAsync(accountId, input.Reference, input.Limits, since, cancellationToken);
            }
            finally
            {
                slots.Release();
            }
        }));

        var artifacts = new List<Artifact>();
        var resolved = new List<ResolvedInput>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Failed(out var problem))
            {
                return problem;
            }

            var artifact = artifacts.Find(known => known.Probe.Sha256 == outcomes[i].Value.Sha256);
            if (artifact is null)
            {
                artifact = records.New(accountId, mode, ArtifactRole.Input, outcomes[i].Value);
                artifacts.Add(artifact);
            }

            resolved.Add(new ResolvedInput(inputs[i].Reference, artifact.Id, artifact.Probe));
        }

        if (artifacts.Count > 0)
        {
            await records.InsertAsync(artifacts);
        }

        return resolved;
    }

    private async Task<Outcome<MediaProbe>> ResolveOneAsync(
        string accountId, InputReference reference, InputLimits limits, long waitingSince, CancellationToken cancellationToken)
    {
        var path = _temporary.NewPath();
        try
        {
            var maxBytes = InputRules.MaxBytes(reference.Kind, limits);
            var found = await source.TakeAsync(accountId, reference, maxBytes, path, waitingSince, cancellationToken);
            if (found.Failed(out var problem))
            {
                return problem;
            }

            var file = found.Value;
            var probed = await prober.ProbeAsync(file.Path, accountId, cancellationToken);
            if (probed.Failed(out var busy, out var header))
            {
                return busy with { Field = reference.Field };
            }

            if (InputRules.Check(reference, limits, header, file.Bytes) is { } refusal)
            {
                return refusal;
            }

            // A file of ours is stored already, and the row that showed it keeps it there.
            var probe = header!.ToProbe(file.Bytes, file.Sha256);
            if (file.Path == path)
            {
                await store.PutAsync(new ArtifactKey(probe.Sha256, probe.Extension), path, cancellationToken);
            }

            return probe;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
