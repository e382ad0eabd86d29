using System.Text;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Events;

namespace Zoetrope.Server.Admission;

/// <summary>
/// From drafts to orders, for every door: schema, route, addresses, inputs, price. Each stage refuses with one problem,
/// nothing is written but the inputs' files, and nothing has cost anything.
/// </summary>
internal sealed class Admit(CatalogHolder catalog, Routing routing, InputResolver inputs, TaskWebhooks webhooks)
{
    /// <summary>Webhook addresses that the requests of one call may name.</summary>
    private const int MaxAddresses = 16;

    /// <summary>How many hosts the webhook URLs of an account may have; decided again where they are written.</summary>
    public int MaxWebhookHosts => webhooks.MaxHosts;

    /// <summary>What the request would be and cost. Also what an estimate answers.</summary>
    public async ValueTask<Outcome<Order>> OrderAsync(Caller caller, Draft draft, CancellationToken cancellationToken)
    {
        if (Resolve(caller, draft).Failed(out var problem, out var found))
        {
            return problem;
        }

        if (draft.WebhookUrl is { } url && await CheckAddressAsync(caller, url) is { } unreachable)
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
    public async ValueTask<Outcome<IReadOnlyList<Order>>> OrdersAsync(Caller caller, Drafts drafts, CancellationToken cancellationToken)
    {
        if (drafts is { Items: [var only], Batch: null })
        {
            return (await OrderAsync(caller, only, cancellationToken)).Failed(out var refusal, out var order) ? refusal : new[] { order };
        }

        if (drafts.Batch?.WebhookUrl is { } url && await CheckAddressAsync(caller, url) is { } closed)
        {
            return closed;
        }

        var found = new List<(ResolvedRequest Request, RouteChoice Route)>(drafts.Items.Count);
        var wanted = new List<(InputReference Reference, InputLimits Limits)>();
        var places = new Dictionary<(InputKind, string, InputLimits), int>();
        foreach (var draft in drafts.Items)
        {
            var at = drafts.Name?.Invoke(found.Count);
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

        if (await CheckAddressesAsync(caller, drafts) is { } unreachable)
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

        var orders = new List<Order>(found.Count);
        foreach (var one in found)
        {
            var model = one.Request.Model;
            var its = one.Request.Inputs
                .Select(input => files[places[(input.Kind, input.Reference, LimitsOf(model, input))]] with { Reference = input });
            if (Price(one, [.. its], drafts.Items[orders.Count]).Failed(out var problem, out var order))
            {
                return At(drafts.Name?.Invoke(orders.Count), problem);
            }

            orders.Add(order);
        }

        return orders;
    }

    private Outcome<(ResolvedRequest Request, RouteChoice Route)> Resolve(Caller caller, Draft draft)
    {
        var resolving = RequestResolver.Resolve(catalog.Current, draft);
        if (resolving.Failed(out var problem, out var resolved))
        {
            return problem;
        }

        // Before the inputs: nobody's URL is fetched for a model that cannot run.
        return routing.First(resolved, caller.Mode).Failed(out problem, out var route) ? problem : (resolved, route);
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

    private static Outcome<Order> Price((ResolvedRequest Request, RouteChoice Route) found, IReadOnlyList<ResolvedInput> files, Draft draft)
    {
        var request = found.Request;
        if (RequestPricing.Price(request, files).Failed(out var problem, out var quote))
        {
            return problem;
        }

        if (draft.Unfit?.Invoke(quote.Output) is { } unfit)
        {
            return unfit;
        }

        return new Order
        {
            Model = request.Model,
            Prompt = request.Prompt,
            Parameters = Encoding.UTF8.GetString(request.Parameters.Span),
            Inputs = files,
            Output = quote.Output,
            Route = found.Route,
            Credits = quote.Credits,
            Rate = quote.Rate,
            WebhookUrl = draft.WebhookUrl,
            InputsColumn = OrderJson.Write(files),
            OutputColumn = OrderJson.Write(quote.Output),
        };
    }

    private static Problem At(string? name, Problem problem) =>
        name is null ? problem : problem with { Field = problem.Field is null ? name : $"{name}.{problem.Field}" };

    private static IEnumerable<(InputReference Reference, InputLimits Limits)> InputsOf(ResolvedRequest request) =>
        request.Inputs.Select(input => (input, LimitsOf(request.Model, input)));

    private static InputLimits LimitsOf(ModelSpec model, InputReference input) =>
        (model.IndexOf(input.Parameter) is { } index ? model.Parameters[index].Limits : null) ?? new InputLimits();
}
