using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations;

/// <summary>Between a generation and the artifact store: its inputs as local files, its results as artifacts.</summary>
internal sealed class GenerationMedia(ArtifactIngest ingest, ArtifactRecords records, IArtifactStore store)
{
    public async Task<IReadOnlyList<ProviderInput>> InputsAsync(Generation generation)
    {
        if (generation.Inputs is null)
        {
            return [];
        }

        var inputs = new List<ProviderInput>();
        foreach (var input in GenerationJson.Inputs(generation))
        {
            var path = await store.LocalPathAsync(new ArtifactKey(input.Sha256, input.Extension), CancellationToken.None)
                ?? throw new InvalidOperationException($"Input {input.ArtifactId} of {generation.Id} is gone from the store.");
            inputs.Add(new ProviderInput(input.Parameter, path, input.ContentType));
        }

        return inputs;
    }

    public async Task<IngestResult> IngestAsync(Generation generation, IReadOnlyList<ProviderOutput> outputs, CancellationToken cancellationToken)
    {
        if (outputs.Count == 0)
        {
            return new IngestResult.Rejected("the provider reported success without a file");
        }

        var expected = GenerationJson.Output(generation);
        var results = new List<GenerationResult>();
        var artifacts = new List<Artifact>();
        foreach (var output in outputs)
        {
            Outcome<IngestedArtifact> ingested;
            try
            {
                ingested = await ingest.IngestAsync(output, expected, generation.Provider == ProviderRegistry.Sandbox, cancellationToken);
            }
            catch (IOException exception)
            {
                // Our disk, or the file vanished between poll and here: the provider still has it.
                return new IngestResult.NotReached(exception.Message);
            }

            if (ingested.Failed(out var problem))
            {
                return new IngestResult.Rejected(problem.Message);
            }

            var stored = ingested.Value;
            var artifact = records.New(generation.AccountId, generation.Mode, ArtifactRole.Output, stored.Probe);
            var poster = stored.Poster is { } probe ? records.New(generation.AccountId, generation.Mode, ArtifactRole.Poster, probe) : null;
            artifacts.Add(artifact);
            if (poster is not null)
            {
                artifacts.Add(poster);
            }

            results.Add(new GenerationResult(artifact.Id, stored.Probe)
            {
                PosterId = poster?.Id,
                PosterExtension = poster?.Probe.Extension,
                Labelled = stored.Labelled,
                C2pa = stored.C2pa,
            });
        }

        return new IngestResult.Stored(results, async tx =>
        {
            foreach (var artifact in artifacts)
            {
                await ArtifactRecords.InsertAsync(tx, artifact);
            }
        });
    }
}
