using System.Text;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Events;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission;

/// <summary>
/// From a translated request to a durable task, or from many to many, for every door: replay, resolve, inputs, price, one
/// transaction. Each stage refuses with one problem, and before the transaction nothing has cost anything.
/// </summary>
internal sealed class SubmitGeneration(
    Database database,
    CatalogHolder catalog,
    Routing routing,
    InputResolver inputs,
    TaskWebhooks webhooks,
    CommitLane lane,
    GenerationMetrics metrics)
{
    /// <summary>Webhook addresses that the requests of one batch may name.</summary>
    private const int MaxAddresses = 16;

    /// <summary>The earlier answer under this key, or its mismatch; null where the key is new.</summary>
    public async ValueTask<Outcome<Submission>?> ReplayAsync(Caller caller, IdempotentRequest request)
    {
        var stored = await database.ReadAsync(session => IdempotencyKeys.FindAsync(session, caller, request.Key));
        return stored is null ? (Outcome<Submission>?)null : CommitGroup.Replay(stored, request);
    }

    /// <summary>Everything but the transaction: what the request would be and cost. Also what <c>/estimate</c> answers.</summary>
    public async ValueTask<Outcome<AdmittedRequest>> AdmitAsync(Caller caller, RequestDraft draft, CancellationToken cancellationToken)
    {
        if (Resolve(caller, draft).Failed(out var problem, out var found))
        {
            return problem;
        }

        if (draft.WebhookUrl is { } url && await webhooks.CheckAsync(caller.AccountId, caller.Mode, url, "webhookUrl") is { } unreachable)
        {
            return unreachable;
        }

        IReadOnlyList<ResolvedInput> files = [];
        if (found.Request.Inputs.Count > 0)
        {
            var fetching = await inputs.ResolveAsync(caller.AccountId, caller.Mode, [.. InputsOf(found.Request)], cancellationToken);
            if (fetching.Failed(out problem))
            {
                return problem;
            }

            files = fetching.Value;
        }

        return Price(found, files, draft);
    }

    /// <summary>
    /// The same for many at once, refused with the problem of the first that is. What costs nothing to check is checked for all
    /// before any input is fetched, and a file that several of them name is fetched once.
    /// </summary>
    /// <param name="name">How the client names the request at an index, for the field of its problem; null where all are one request.</param>
    public async ValueTask<Outcome<IReadOnlyList<AdmittedRequest>>> AdmitAllAsync(
        Caller caller, IReadOnlyList<RequestDraft> drafts, Func<int, string>? name, CancellationToken cancellationToken)
    {
        var found = new List<(ResolvedRequest Request, RouteChoice Route)>(drafts.Count);
        var wanted = new List<(InputReference Reference, InputLimits Limits)>();
        var places = new Dictionary<(InputKind, string, InputLimits), int>();
        foreach (var draft in drafts)
        {
            var at = name?.Invoke(found.Count);
            if (Resolve(caller, draft).Failed(out var problem, out var one))
            {
                return At(at, problem);
            }

            found.Add(one);
            foreach (var (reference, limits) in InputsOf(one.Request))
            {
                if (places.TryAdd((reference.Kind, reference.Reference, limits), wanted.Count))
                {
                    wanted.Add((at is null ? reference : reference with { Field = $"{at}.{reference.Field}" }, limits));
                }
            }
        }

        if (await CheckAddressesAsync(caller, drafts, name) is { } unreachable)
        {
            return unreachable;
        }

        IReadOnlyList<ResolvedInput> files = [];
        if (wanted.Count > 0)
        {
            var fetching = await inputs.ResolveAsync(caller.AccountId, caller.Mode, wanted, cancellationToken);
            if (fetching.Failed(out var problem))
            {
                return problem;
            }

            files = fetching.Value;
        }

        var admitted = new List<AdmittedRequest>(found.Count);
        foreach (var one in found)
        {
            var its = InputsOf(one.Request).Select(input => files[places[(input.Reference.Kind, input.Reference.Reference, input.Limits)]] with { Reference = input.Reference });
            if (Price(one, [.. its], drafts[admitted.Count]).Failed(out var problem, out var priced))
            {
                return At(name?.Invoke(admitted.Count), problem);
            }

            admitted.Add(priced);
        }

        return admitted;
    }

    public ValueTask<Outcome<Submission>> SubmitAsync(Caller caller, AdmittedRequest admitted, IdempotentRequest? idempotent) =>
        SubmitAsync(new NewSubmit { Caller = caller, Items = [New(admitted)], Quoted = admitted.Priced.Credits, Confirmed = admitted.Confirmed, Idempotent = idempotent });

    /// <summary>What is wrong with the address that is told of a batch's end; asked before anything is held.</summary>
    public ValueTask<Problem?> CheckAddressAsync(Caller caller, string url) => webhooks.CheckAsync(caller.AccountId, caller.Mode, url, "webhookUrl");

    /// <summary>All of them or none, under one idempotency key.</summary>
    /// <param name="countField">The client's field that says how many they are.</param>
    /// <param name="batch">Set where they are to be found together afterwards.</param>
    /// <param name="accepted">The credits that the client accepts for all together, where it says so: many cheap requests do not pass unasked.</param>
    public ValueTask<Outcome<Submission>> SubmitAllAsync(
        Caller caller, IReadOnlyList<AdmittedRequest> admitted, string countField, NewBatch? batch, long? accepted, IdempotentRequest? idempotent)
    {
        var quoted = admitted.Sum(one => one.Priced.Credits);
        return SubmitAsync(new NewSubmit
        {
            Caller = caller,
            Items = [.. admitted.Select(New)],
            Quoted = quoted,
            Confirmed = accepted >= quoted,
            Idempotent = idempotent,
            Batch = batch,
            CountField = countField,
        });
    }

    private async ValueTask<Outcome<Submission>> SubmitAsync(NewSubmit request)
    {
        var submitted = await lane.SubmitAsync(request);
        if (submitted.Problem is null && submitted.Value.Replayed is null)
        {
            foreach (var item in request.Items)
            {
                metrics.Submitted(item.Model);
            }
        }

        return submitted;
    }

    private Outcome<(ResolvedRequest Request, RouteChoice Route)> Resolve(Caller caller, RequestDraft draft)
    {
        var resolving = RequestResolver.Resolve(catalog.Current, draft);
        if (resolving.Failed(out var problem, out var resolved))
        {
            return problem;
        }

        // Before the inputs: nobody's URL is fetched for a model that cannot run.
        return routing.First(resolved, caller.Mode).Failed(out problem, out var route) ? problem : (resolved, route);
    }

    private async ValueTask<Problem?> CheckAddressesAsync(Caller caller, IReadOnlyList<RequestDraft> drafts, Func<int, string>? name)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < drafts.Count; i++)
        {
            if (drafts[i].WebhookUrl is not { } url || !seen.Add(url))
            {
                continue;
            }

            // Each is held against the hosts that the account names already, not against each other.
            var problem = seen.Count > MaxAddresses
                ? Problems.InvalidParameter.With($"The requests name more than {MaxAddresses} different addresses.", "webhookUrl", url, $"at most {MaxAddresses} in one batch")
                : await webhooks.CheckAsync(caller.AccountId, caller.Mode, url, "webhookUrl");
            if (problem is not null)
            {
                return At(name?.Invoke(i), problem);
            }
        }

        return null;
    }

    private static Outcome<AdmittedRequest> Price((ResolvedRequest Request, RouteChoice Route) found, IReadOnlyList<ResolvedInput> files, RequestDraft draft)
    {
        var pricing = RequestPricing.Price(found.Request, files);
        return pricing.Failed(out var problem) ? problem : new AdmittedRequest(pricing.Value, files, found.Route) { WebhookUrl = draft.WebhookUrl };
    }

    private static NewGeneration New(AdmittedRequest admitted)
    {
        var (priced, files, route) = admitted;
        var model = priced.Request.Model;
        return new NewGeneration
        {
            Model = model.Id,
            Media = model.MediaType,
            Prompt = priced.Request.Prompt,
            Parameters = Encoding.UTF8.GetString(priced.Request.Parameters.Span),
            Inputs = files.Count == 0 ? null : GenerationJson.Write([.. files.Select(file => new GenerationInput(file.Reference.Parameter, file.ArtifactId, file.Probe.ContentType, file.Probe.Sha256, file.Probe.Extension))]),
            Output = GenerationJson.Write(priced.Output),
            Route = route,
            Quoted = priced.Credits,
            WebhookUrl = admitted.WebhookUrl,
        };
    }

    private static Problem At(string? name, Problem problem) => name is null ? problem : problem with { Field = problem.Field is null ? name : $"{name}.{problem.Field}" };

    private static IEnumerable<(InputReference Reference, InputLimits Limits)> InputsOf(ResolvedRequest request) =>
        request.Inputs.Select(input => (input, LimitsOf(request.Model, input)));

    private static InputLimits LimitsOf(ModelSpec model, InputReference input) =>
        (model.IndexOf(input.Parameter) is { } index ? model.Parameters[index].Limits : null) ?? new InputLimits();
}

/// <summary>A request that may start: priced, with its inputs stored and its provider chosen.</summary>
internal sealed record AdmittedRequest(PricedRequest Priced, IReadOnlyList<ResolvedInput> Files, RouteChoice Route)
{
    /// <summary>Whether the customer has accepted this price: a door sets it after it asked, or from what the request says.</summary>
    public bool Confirmed { get; init; }

    /// <summary>An address of this request alone that is told what becomes of it; checked.</summary>
    public string? WebhookUrl { get; init; }
}
