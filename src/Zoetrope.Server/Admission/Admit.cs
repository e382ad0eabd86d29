using System.Text;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Admission;

/// <summary>
/// From drafts to orders, for every door: schema, route, addresses, inputs, price. Each stage refuses with one problem, nothing
/// is written, and nothing has cost anything.
/// </summary>
internal sealed class Admit(CatalogHolder catalog, Routing routing, InputResolver inputs, TaskWebhooks webhooks, CommitLane lane)
{
    /// <summary>Webhook addresses that the requests of one call may name.</summary>
    private const int MaxAddresses = 16;

    /// <summary>How many hosts the webhook URLs of an account may have; decided again where they are written.</summary>
    public int MaxWebhookHosts => webhooks.MaxHosts;

    /// <summary>What the request would be and cost. What an estimate answers; its files are gone again afterwards.</summary>
    public async ValueTask<Outcome<Order>> OrderAsync(Caller caller, Draft draft, CancellationToken cancellationToken)
    {
        if ((await OneAsync(caller, draft, isEstimate: true, cancellationToken)).Failed(out var problem, out var admitted))
        {
            return problem;
        }

        using (admitted)
        {
            return admitted.Orders[0];
        }
    }

    /// <summary>
    /// Orders that may start, refused with the problem of the first draft that is. What costs nothing to check is checked for all
    /// before any input is fetched, and a file that several of them name is fetched once.
    /// </summary>
    public async ValueTask<Outcome<Admitted>> OrdersAsync(Caller caller, Drafts drafts, CancellationToken cancellationToken)
    {
        if (drafts is { Items: [var only], Batch: null })
        {
            return await OneAsync(caller, only, isEstimate: false, cancellationToken);
        }

        if (drafts.Batch?.WebhookUrl is { } url && await CheckAddressAsync(caller, url) is { } closed)
        {
            return await RefuseAsync(caller, drafts, closed);
        }

        var found = new List<(ResolvedRequest Request, RouteChoice Route)>(drafts.Items.Count);
        var wanted = new List<(InputReference Reference, InputLimits Limits)>();
        var places = new Dictionary<(InputKind, string, InputLimits), int>();
        foreach (var draft in drafts.Items)
        {
            var at = drafts.Name?.Invoke(found.Count);
            if (Resolve(caller, draft).Failed(out var problem, out var one))
            {
                return await RefuseAsync(caller, drafts, At(at, problem));
            }

            found.Add(one);
            foreach (var (reference, limits) in InputsOf(one.Request, draft))
            {
                if (places.TryAdd((reference.Kind, reference.Reference, limits), wanted.Count))
                {
                    wanted.Add((at is null ? reference : reference with { Field = $"{at}.{reference.Field}" }, limits));
                }
            }
        }

        if (await CheckAddressesAsync(caller, drafts) is { } unreachable)
        {
            return await RefuseAsync(caller, drafts, unreachable);
        }

        var files = InputFiles.None;
        if (wanted.Count > 0)
        {
            if (await AskAsync(caller, [.. found.Select(one => one.Request)], drafts.CountField, isEstimate: false) is { } refused)
            {
                return refused;
            }

            if ((await inputs.ResolveAsync(caller, wanted, cancellationToken)).Failed(out var problem, out files))
            {
                return problem;
            }
        }

        var orders = new List<Order>(found.Count);
        foreach (var one in found)
        {
            var model = one.Request.Model;
            var its = one.Request.Inputs
                .Select(input => files.Inputs[places[(input.Kind, input.Reference, LimitsOf(model, input))]] with { Reference = input });
            if (Price(caller, one, [.. its], drafts.Items[orders.Count]).Failed(out var problem, out var order))
            {
                files.Dispose();
                return At(drafts.Name?.Invoke(orders.Count), problem);
            }

            orders.Add(order);
        }

        return new Admitted(orders, files);
    }

    /// <summary>A refusal before any file was fetched. Where the request carries files, it counts toward the key's rate all the same.
    /// </summary>
    public async ValueTask<Problem> RefuseAsync(Caller caller, bool carriesFiles, Problem problem) =>
        carriesFiles && caller.Limits.RequestsPerMinute is not null
            ? await lane.AskAsync(Asked(caller, 1, 0, null), rateOnly: true) ?? problem
            : problem;

    private ValueTask<Problem> RefuseAsync(Caller caller, Drafts drafts, Problem problem) =>
        RefuseAsync(caller, drafts.Items.Any(FileFields.Carries), problem);

    private async ValueTask<Outcome<Admitted>> OneAsync(
        Caller caller, Draft draft, bool isEstimate, CancellationToken cancellationToken)
    {
        if (Resolve(caller, draft).Failed(out var problem, out var found))
        {
            return await RefuseAsync(caller, FileFields.Carries(draft), problem);
        }

        if (draft.WebhookUrl is { } url && await CheckAddressAsync(caller, url) is { } unreachable)
        {
            return await RefuseAsync(caller, FileFields.Carries(draft), unreachable);
        }

        var files = InputFiles.None;
        if (found.Request.Inputs.Count > 0)
        {
            if (await AskAsync(caller, [found.Request], null, isEstimate) is { } refused)
            {
                return refused;
            }

            if ((await inputs.ResolveAsync(caller, [.. InputsOf(found.Request, draft)], cancellationToken)).Failed(out problem, out files))
            {
                return problem;
            }
        }

        if (Price(caller, found, files.Inputs, draft).Failed(out problem, out var order))
        {
            files.Dispose();
            return problem;
        }

        return new Admitted([order], files);
    }

    // Credits and limits before the first fetch, so that nobody has files fetched for a request that cannot start.
    private async ValueTask<Problem?> AskAsync(
        Caller caller, IReadOnlyList<ResolvedRequest> requests, string? countField, bool isEstimate)
    {
        if (isEstimate)
        {
            return caller.Limits.RequestsPerMinute is null
                ? null
                : await lane.AskAsync(Asked(caller, requests.Count, 0, countField), rateOnly: true);
        }

        var credits = 0L;
        var exact = true;
        foreach (var request in requests)
        {
            // What only the files will tell costs at least the model's lowest price.
            var known = RequestPricing.WithoutFiles(request);
            exact &= known is not null;
            credits = checked(credits + (known ?? ModelPrice.From(request.Model)));
        }

        var refusal = await lane.AskAsync(Asked(caller, requests.Count, credits, countField), rateOnly: false);
        return exact || refusal?.Kind != Problems.InsufficientCredits
            ? refusal
            : refusal with { Message = $"{refusal.Message}. The input may make it more." };
    }

    private static Submit Asked(Caller caller, int count, long credits, string? countField) => new()
    {
        Caller = caller,
        Orders = [],
        Count = count,
        Credits = credits,
        CountField = countField,

        // The exact price is not known yet, so nobody is asked to accept one.
        Confirmed = true,
    };

    private Outcome<(ResolvedRequest Request, RouteChoice Route)> Resolve(Caller caller, Draft draft)
    {
        var resolving = RequestResolver.Resolve(catalog.Current, draft);
        if (resolving.Failed(out var problem, out var resolved))
        {
            return problem;
        }

        if (!caller.Limits.AllowModel(resolved.Model.Id))
        {
            return NotAllowed(caller, resolved.Model.Id);
        }

        // Before the inputs: nobody's URL is fetched for a model that cannot run.
        return routing.First(resolved, caller.Mode).Failed(out problem, out var route) ? problem : (resolved, route);
    }

    /// <summary>What a key hears that names a model of others.</summary>
    public static Problem NotAllowed(Caller caller, string model)
    {
        var allowed = ShortText.Of(string.Join(", ", caller.Limits.Models!));
        return Problems.ModelNotAllowed.With($"This API key may not use {model}. It may use: {allowed}.", "model", model, allowed);
    }

    private ValueTask<Problem?> CheckAddressAsync(Caller caller, string url) =>
        webhooks.CheckAsync(caller.AccountId, caller.Mode, url, "webhookUrl");

    private async ValueTask<Problem?> CheckAddressesAsync(Caller caller, Drafts drafts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < drafts.Items.Count; i++)
        {
            if (drafts.Items[i].WebhookUrl is not { } url || !seen.Add(url))
            {
                continue;
            }

            // Each is held against the hosts that the account names already, not against each other.
            var problem = seen.Count > MaxAddresses
                ? Problems.InvalidParameter.With(
                    $"The requests name more than {MaxAddresses} different webhook URLs.",
                    "webhookUrl",
                    url,
                    $"at most {MaxAddresses} in one batch")
                : await CheckAddressAsync(caller, url);
            if (problem is not null)
            {
                return At(drafts.Name?.Invoke(i), problem);
            }
        }

        return null;
    }

    private Outcome<Order> Price(
        Caller caller, (ResolvedRequest Request, RouteChoice Route) found, IReadOnlyList<ResolvedInput> files, Draft draft)
    {
        var (request, route) = found;
        if (RequestPricing.Price(request, files).Failed(out var problem, out var quote))
        {
            return problem;
        }

        if (draft.Unfit?.Invoke(quote.Output) is { } unfit)
        {
            return unfit;
        }

        // Only now is it known what the files are, and a vendor may not be able to keep what they have.
        if (request.Model.Output.KeepsAlpha(quote.Output)
            && routing.First(request, caller.Mode, keepsAlpha: true).Failed(out problem, out route))
        {
            return problem;
        }

        return new Order
        {
            Model = request.Model,
            Prompt = request.Prompt,
            Parameters = Encoding.UTF8.GetString(request.Parameters.Span),
            Inputs = files,
            Output = quote.Output,
            Route = route,
            Credits = quote.Credits,
            Rate = quote.Rate,
            WebhookUrl = draft.WebhookUrl,
            Attribution = draft.Attribution,
            TagsColumn = draft.Attribution.TagsJson,
            InputsColumn = OrderJson.Write(files),
            OutputColumn = OrderJson.Write(quote.Output),
        };
    }

    private static Problem At(string? name, Problem problem) =>
        name is null ? problem : problem with { Field = problem.Field is null ? name : $"{name}.{problem.Field}" };

    private static IEnumerable<(InputReference Reference, InputLimits Limits)> InputsOf(ResolvedRequest request, Draft draft) =>
        request.Inputs.Select(input => (
            draft.Files?.GetValueOrDefault(input.Reference) is { } local ? input with { Local = local } : input,
            LimitsOf(request.Model, input)));

    private static InputLimits LimitsOf(ModelSpec model, InputReference input) =>
        (model.IndexOf(input.Parameter) is { } index ? model.Parameters[index].Limits : null) ?? new InputLimits();
}
