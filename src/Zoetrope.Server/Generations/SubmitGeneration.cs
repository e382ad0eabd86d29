using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Events;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations;

/// <summary>
/// From a translated request to a durable task, for every door: replay, resolve, inputs, price, one transaction. Each stage
/// refuses with one problem, and before the transaction nothing has cost anything.
/// </summary>
internal sealed class SubmitGeneration(
    Database database,
    CatalogHolder catalog,
    Routing routing,
    InputResolver inputs,
    TaskWebhooks webhooks,
    SubmitLane lane,
    GenerationMetrics metrics)
{
    /// <summary>The earlier answer under this key, or its mismatch; null where the key is new.</summary>
    public async ValueTask<Outcome<Submission>?> ReplayAsync(Caller caller, IdempotentRequest request)
    {
        var stored = await database.ReadAsync(session => IdempotencyKeys.FindAsync(session, caller, request.Key));
        return stored is null ? (Outcome<Submission>?)null : SubmitBatch.Replay(stored, request);
    }

    /// <summary>Everything but the transaction: what the request would be and cost. Also what <c>/estimate</c> answers.</summary>
    public async ValueTask<Outcome<AdmittedRequest>> AdmitAsync(Caller caller, RequestDraft draft, CancellationToken cancellationToken)
    {
        var resolving = RequestResolver.Resolve(catalog.Current, draft);
        if (resolving.Failed(out var problem))
        {
            return problem;
        }

        var resolved = resolving.Value;

        // Before the inputs: nobody's URL is fetched for a model that cannot run.
        if (routing.First(resolved, caller.Mode).Failed(out problem, out var route))
        {
            return problem;
        }

        if (draft.WebhookUrl is { } url && await webhooks.CheckAsync(caller.AccountId, caller.Mode, url, "webhookUrl") is { } unreachable)
        {
            return unreachable;
        }

        IReadOnlyList<ResolvedInput> files = [];
        if (resolved.Inputs.Count > 0)
        {
            var fetching = await inputs.ResolveAsync(caller.AccountId, caller.Mode, [.. resolved.Inputs.Select(input => (input, LimitsOf(resolved.Model, input)))], cancellationToken);
            if (fetching.Failed(out problem))
            {
                return problem;
            }

            files = fetching.Value;
        }

        var pricing = RequestPricing.Price(resolved, files);
        return pricing.Failed(out problem) ? problem : new AdmittedRequest(pricing.Value, files, route) { WebhookUrl = draft.WebhookUrl };
    }

    public async ValueTask<Outcome<Submission>> SubmitAsync(Caller caller, AdmittedRequest admitted, IdempotentRequest? idempotent)
    {
        var (priced, files, route) = admitted;
        var model = priced.Request.Model;
        var submitted = await lane.SubmitAsync(new NewGeneration
        {
            Caller = caller,
            Model = model.Id,
            Media = model.MediaType,
            Prompt = priced.Request.Prompt,
            Parameters = Encoding.UTF8.GetString(priced.Request.Parameters.Span),
            Inputs = files.Count == 0 ? null : GenerationJson.Write([.. files.Select(file => new GenerationInput(file.Reference.Parameter, file.ArtifactId, file.Probe.ContentType, file.Probe.Sha256, file.Probe.Extension))]),
            Output = GenerationJson.Write(priced.Output),
            Route = route,
            Quoted = priced.Credits,
            WebhookUrl = admitted.WebhookUrl,
            Idempotent = idempotent,
        });
        if (submitted.Problem is null && submitted.Value.Replayed is null)
        {
            metrics.Submitted(model.Id);
        }

        return submitted;
    }

    private static InputLimits LimitsOf(ModelSpec model, InputReference input) =>
        (model.IndexOf(input.Parameter) is { } index ? model.Parameters[index].Limits : null) ?? new InputLimits();
}

/// <summary>A request that may start: priced, with its inputs stored and its provider chosen.</summary>
internal sealed record AdmittedRequest(PricedRequest Priced, IReadOnlyList<ResolvedInput> Files, RouteChoice Route)
{
    /// <summary>An address of this request alone that is told what becomes of it; checked.</summary>
    public string? WebhookUrl { get; init; }
}
