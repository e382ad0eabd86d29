using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;

namespace Zoetrope.Server.Admission.Inputs;

/// <summary>
/// Fetches and checks the input files of a request before it costs anything, and stores none of them. Every file is judged by
/// its own bytes; every refusal names the client's field, what was found and what is allowed.
/// </summary>
internal sealed class InputResolver(
    InputSource source, ArtifactRecords records, MediaProber prober, FreeSpace space, ArtifactOptions options)
{
    private readonly TemporaryFiles _temporary = new(options);

    /// <summary>Whoever gets the files disposes of them.</summary>
    public async Task<Outcome<InputFiles>> ResolveAsync(
        Caller caller, IReadOnlyList<(InputReference Reference, InputLimits Limits)> inputs, CancellationToken cancellationToken)
    {
        if (space.Refusal() is { } full)
        {
            return full;
        }

        var since = source.StartWaiting();
        using var slots = new SemaphoreSlim(Math.Max(1, options.InputFetchConcurrency));
        var taken = new (string? Path, Outcome<MediaProbe> Outcome)[inputs.Count];
        try
        {
            await Task.WhenAll(inputs.Select(async (input, place) =>
            {
                await slots.WaitAsync(cancellationToken);
                try
                {
                    taken[place] = await ResolveOneAsync(caller, input.Reference, input.Limits, since, cancellationToken);
                }
                finally
                {
                    slots.Release();
                }
            }));
            foreach (var (_, outcome) in taken)
            {
                if (outcome.Failed(out var problem))
                {
                    return problem;
                }
            }

            return Gather(caller, inputs, taken);
        }
        finally
        {
            // Only what was not handed on.
            foreach (var (path, _) in taken)
            {
                if (path is not null)
                {
                    File.Delete(path);
                }
            }
        }
    }

    private InputFiles Gather(
        Caller caller,
        IReadOnlyList<(InputReference Reference, InputLimits Limits)> inputs,
        (string? Path, Outcome<MediaProbe> Outcome)[] taken)
    {
        var artifacts = new List<Artifact>();
        var resolved = new List<ResolvedInput>(inputs.Count);
        var files = new InputFiles(resolved, artifacts);
        for (var i = 0; i < taken.Length; i++)
        {
            var probe = taken[i].Outcome.Value;
            var artifact = artifacts.Find(known => known.Probe.Sha256 == probe.Sha256);
            if (artifact is null)
            {
                artifact = records.New(caller.AccountId, caller.Mode, ArtifactRole.Input, probe);
                artifacts.Add(artifact);
            }

            if (taken[i].Path is { } path)
            {
                files.Add(artifact.Key, path);
                taken[i].Path = null;
            }

            resolved.Add(new ResolvedInput(inputs[i].Reference, artifact.Id, artifact.Probe));
        }

        return files;
    }

    /// <summary>What the file is, and where it lies if it is a temporary one.</summary>
    private async Task<(string? Path, Outcome<MediaProbe> Outcome)> ResolveOneAsync(
        Caller caller, InputReference reference, InputLimits limits, long waitingSince, CancellationToken cancellationToken)
    {
        var path = _temporary.NewPath();
        var kept = false;
        try
        {
            var maxBytes = InputRules.MaxBytes(reference.Kind, limits);
            var found = await source.TakeAsync(caller, reference, maxBytes, path, waitingSince, cancellationToken);
            if (found.Failed(out var problem, out var file))
            {
                return (null, problem);
            }

            var probed = await prober.ProbeAsync(file.Path, caller.AccountId, cancellationToken);
            if (probed.Failed(out var busy, out var header))
            {
                return (null, busy with { Field = reference.Field });
            }

            if (InputRules.Check(reference, limits, header, file.Bytes) is { } refusal)
            {
                return (null, refusal);
            }

            // A file of ours is stored already, and the row that showed it keeps it there.
            kept = !file.IsStored;
            return (kept ? file.Path : null, header!.ToProbe(file.Bytes, file.Sha256));
        }
        finally
        {
            if (!kept)
            {
                File.Delete(path);
            }
        }
    }
}
