using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>The input files of a generation as its vendor reads them.</summary>
/// <param name="store">Where the files are.</param>
/// <param name="converter">Brings pictures into another form.</param>
/// <param name="urls">Makes URLs that a vendor can fetch; null if this process cannot be reached.</param>
internal sealed class JobInputs(StoredFiles store, InputConverter converter, InputUrls? urls = null)
{
    /// <summary>
    /// The input files as a vendor reads them, before anything is paid. Conversions are kept, so that a retry or a lookup has
    /// the same bytes at once. A file that cannot be put into the vendor's form is the refusal of this attempt.
    /// </summary>
    /// <param name="generation">The generation.</param>
    /// <param name="form">How its vendor reads files.</param>
    /// <param name="cancellationToken">Ends the conversions.</param>
    public async Task<PreparedInputs> InputsAsync(Generation generation, InputForm form, CancellationToken cancellationToken = default)
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
                var fitting = await converter.FitAsync(path, input.Sha256, wanted, generation.AccountId, cancellationToken);
                if (fitting.Failed(out var problem, out fitted))
                {
                    // A busy server says nothing about the file: the step is done again.
                    return problem.Kind == Problems.Unavailable
                        ? throw new IOException(problem.Message)
                        : Refused($"{input.Parameter}: {problem.Message}");
                }
            }

            var publish = urls is not { CanPublish: true } ? null : Once(() => urls.OfAsync(generation, input, fitted));
            inputs.Add(new ProviderInput(input.Parameter, fitted.Path, fitted.ContentType, publish));
        }

        return new PreparedInputs(inputs, null);
    }

    // An adapter may ask twice within an attempt.
    private static Func<Task<Uri?>> Once(Func<Task<Uri?>> make)
    {
        var made = new Lazy<Task<Uri?>>(make);
        return () => made.Value;
    }

    private static PreparedInputs Refused(string reason) =>
        new([], new ProviderError(ProviderErrorKind.InvalidInput, "unusable_input", reason));
}

/// <summary>The files of one attempt, or why this vendor cannot have them.</summary>
internal sealed record PreparedInputs(IReadOnlyList<ProviderInput> Files, ProviderError? Refusal);
