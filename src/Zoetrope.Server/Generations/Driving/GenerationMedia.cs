using System.Data.Common;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>Between a generation and the artifact store: its inputs as local files, its results as artifacts.</summary>
internal sealed class GenerationMedia(
    ArtifactIngest ingest, ArtifactRecords records, IArtifactStore store, InputConverter converter, SignedUrls urls, PublicAddress address)
{
    private static readonly TimeSpan VendorUrlLifetime = TimeSpan.FromDays(1);

    /// <summary>
    /// The input files as a vendor reads them, before anything is paid. Conversions are kept, so that a retry or a lookup has
    /// the same bytes at once. A file that cannot be put into the vendor's form is the refusal of this attempt.
    /// </summary>
    public async Task<PreparedInputs> InputsAsync(Generation generation, InputForm form)
    {
        var wanted = new ImageForm(form.ImageTypes, form.MaxImageBytes, form.MaxImageSide);
        var inputs = new List<ProviderInput>();
        foreach (var input in GenerationJson.Inputs(generation))
        {
            if (await store.LocalPathAsync(new ArtifactKey(input.Sha256, input.Extension), CancellationToken.None) is not { } path)
            {
                return Refused($"{input.Parameter}: The file {input.ArtifactId} is no longer stored.");
            }

            var fitted = new FittedImage(path, input.ContentType, Converted: false);
            if (input.ContentType.StartsWith("image/", StringComparison.Ordinal))
            {
                var fitting = await converter.FitAsync(path, input.Sha256, wanted, CancellationToken.None);
                if (fitting.Failed(out var problem, out fitted))
                {
                    // A busy server says nothing about the file: the step is done again.
                    return problem.Kind == Problems.Unavailable ? throw new IOException(problem.Message) : Refused($"{input.Parameter}: {problem.Message}");
                }
            }

            inputs.Add(new ProviderInput(input.Parameter, fitted.Path, fitted.ContentType, address.Url is null ? null : Once(() => PublicUrlAsync(generation, input, fitted))));
        }

        return new PreparedInputs(inputs, null);
    }

    // An adapter may ask twice within an attempt.
    private static Func<Task<Uri?>> Once(Func<Task<Uri?>> make)
    {
        var made = new Lazy<Task<Uri?>>(make);
        return () => made.Value;
    }

    private static PreparedInputs Refused(string reason) => new([], new ProviderError(ProviderErrorKind.InvalidInput, "unusable_input", reason));

    // A converted file gets a row of its own for as long as its URL lives: what is read by URL is found by its row.
    private async Task<Uri?> PublicUrlAsync(Generation generation, GenerationInput input, FittedImage file)
    {
        try
        {
            return await MakePublicUrlAsync(generation, input, file);
        }
        catch (Exception exception) when (exception is IOException or DbException)
        {
            // It is asked for just before the paid call, where an exception would count as a lost answer. Without a URL the
            // vendor gets the bytes, or refuses.
            return null;
        }
    }

    private async Task<Uri?> MakePublicUrlAsync(Generation generation, GenerationInput input, FittedImage file)
    {
        if (!file.Converted)
        {
            return await records.FindAsync(generation.AccountId, input.ArtifactId) is { } stored ? urls.ForArtifact(stored, lifetime: VendorUrlLifetime) : null;
        }

        var copy = file.Path + Guid.NewGuid().ToString("n");
        File.Copy(file.Path, copy);
        var probe = new MediaHeader(file.ContentType).ToProbe(new FileInfo(copy).Length, await TemporaryFiles.HashAsync(copy, CancellationToken.None));
        var artifact = records.NewFor(generation.AccountId, generation.Mode, ArtifactRole.Input, probe, VendorUrlLifetime);
        await store.PutAsync(artifact.Key, copy, CancellationToken.None);
        await records.InsertAsync([artifact]);
        return urls.ForArtifact(artifact, lifetime: VendorUrlLifetime);
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

/// <summary>The files of one attempt, or why this vendor cannot have them.</summary>
internal sealed record PreparedInputs(IReadOnlyList<ProviderInput> Files, ProviderError? Refusal);
