using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Generations.Driving;

/// <summary>From a generation to the request that its provider's adapter understands.</summary>
internal sealed class ProviderJobs(ProviderRegistry providers, CatalogHolder catalog, JobInputs inputs, CallbackUrls callbacks)
{
    /// <summary>The model as the catalogue has it now; null where it is gone.</summary>
    public ModelSpec? ModelOf(Generation generation) => catalog.Current.Find(generation.Model);

    public ProviderProfile ProfileOf(Generation generation) => providers.Get(generation.Provider).Profile;

    public EvidenceClass EvidenceOf(Generation generation) => providers.Get(generation.Provider).Evidence;

    /// <summary>The input files in the form that the provider reads.</summary>
    public Task<PreparedInputs> InputsAsync(Generation generation, CancellationToken cancellationToken) =>
        inputs.InputsAsync(generation, ProfileOf(generation).Inputs, cancellationToken);

    /// <summary>A new attempt, with its own callback URL if the vendor calls back and can reach us.</summary>
    public (ProviderJob Job, CallbackUrl? Callback) New(
        Generation generation, string attemptId, ProviderKey key, DateTimeOffset now, IReadOnlyList<ProviderInput> files)
    {
        var job = Of(generation, attemptId, now, files);
        var callback = callbacks.New(job.Adapter, attemptId);
        return (job with { Request = job.Request with { Key = key, CallbackUrl = callback?.Url } }, callback);
    }

    /// <summary>An attempt whose answer is lost, exactly as it was submitted.</summary>
    public ProviderJob Again(Generation generation, Attempt attempt, IReadOnlyList<ProviderInput> files)
    {
        var job = Of(generation, attempt.Id, DateTimeOffset.FromUnixTimeMilliseconds(attempt.CreatedAt), files);
        var callback = attempt.CallbackToken is { } token ? callbacks.UrlOf(generation.Provider, attempt.Id, token) : null;
        return job with { Request = job.Request with { CallbackUrl = callback } };
    }

    /// <summary>The attempt that the provider works on, with the key that submitted it.</summary>
    public ProviderJob Of(Generation generation, string attemptId, DateTimeOffset intendedAt, IReadOnlyList<ProviderInput> files)
    {
        using var parameters = JsonDocument.Parse(generation.Parameters);
        var model = ModelOf(generation);
        var request = new ProviderRequest
        {
            AttemptId = attemptId,
            Route = Routing.RouteOf(model, generation),
            Key = providers.Gate(generation.Provider).Find(GenerationJson.Call(generation)?.Key),
            Model = generation.Model,
            Mode = model?.Mode ?? "",
            Prompt = generation.Prompt,
            Parameters = parameters.RootElement.Clone(),
            Inputs = files,
            Output = GenerationJson.Output(generation),
            IntendedAt = intendedAt,
        };
        return new ProviderJob(providers.Get(generation.Provider), request);
    }
}

/// <summary>One attempt and who is asked for it.</summary>
internal sealed record ProviderJob(IProviderAdapter Adapter, ProviderRequest Request);
