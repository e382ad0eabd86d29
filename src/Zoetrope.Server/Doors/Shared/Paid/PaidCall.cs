using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Admission.Requests;

namespace Zoetrope.Server.Doors.Shared.Paid;

/// <summary>
/// What every call that costs does, at every door, in this order: key, replay, drafts, orders, consent, commit. The doors give
/// three things: how the body becomes drafts, how consent is decided, and how the answer is written.
/// </summary>
internal sealed class PaidCall(Admit admit, CommitLane lane, InputStorage storage, TestTasks tests, TimeProvider time)
{
    /// <summary>An endpoint that accepts a JSON body and answers at once.</summary>
    public async Task<Answer> AnswerAsync(HttpContext context, PaidForm form)
    {
        if ((await JsonBody.ReadAsync(context)).Failed(out var problem, out var body))
        {
            return problem;
        }

        using (body)
        {
            CrashPoints.Hit("K1");
            var root = body.RootElement;
            var making = await RunAsync(context, root, "", _ => ValueTask.FromResult(form.Read(root)), form.Keep);
            return making.Failed(out problem, out var made) ? problem : Answer.Json(form.Answer(made));
        }
    }

    /// <summary>A call whose key and consent are headers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body as JSON.</param>
    /// <param name="files">A line for each file that was uploaded beside it.</param>
    /// <param name="read">What is asked for.</param>
    /// <param name="keep">What the answer says of an order.</param>
    public async ValueTask<Outcome<Committed>> RunAsync(
        HttpContext context,
        JsonElement body,
        string files,
        Func<CancellationToken, ValueTask<Outcome<Drafts>>> read,
        Func<Order, OrderFacts>? keep)
    {
        if (PaidHeaders.Key(context.Request).Failed(out var problem, out var key)
            || PaidHeaders.Accepted(context.Request).Failed(out problem, out var accepted)
            || PaidHeaders.Attribution(context.Request).Failed(out problem, out var attribution))
        {
            return problem;
        }

        var caller = context.Caller();
        var request = new PaidRequest
        {
            Caller = caller,

            // The query is part of the request: `?a=1` under a key is not the request without it.
            Idempotent = key is null
                ? null
                : new IdempotentRequest(key, Fingerprint.Of(EndpointOf(context.Request, files, attribution), body)),
            Attribution = attribution,
            Read = read,
            Consent = (_, credits) => Consent.IsGiven(caller, credits, accepted),
            Ceiling = accepted,
            Keep = keep,
            CarriesFiles = files.Length > 0,
        };
        var making = await RunAsync(request, context.RequestAborted);
        if (making.Problem is null)
        {
            SetHeaders(context, making.Value);
        }

        return making;
    }

    /// <summary>The call itself.</summary>
    public async ValueTask<Outcome<Committed>> RunAsync(PaidRequest request, CancellationToken cancellationToken)
    {
        var outcome = await MakeAsync(request, cancellationToken);
        if (outcome.Problem is null && Trail.Current is { } trail)
        {
            trail.TaskId = outcome.Value.Id;
        }

        return outcome;
    }

    private async ValueTask<Outcome<Committed>> MakeAsync(PaidRequest request, CancellationToken cancellationToken)
    {
        if (request.Idempotent is { } idempotent && await lane.FindAsync(request.Caller, idempotent) is { } earlier)
        {
            return earlier;
        }

        if ((await request.Read(cancellationToken)).Failed(out var problem, out var drafts)
            || drafts.Over(request.Attribution).Failed(out problem, out drafts))
        {
            return await admit.RefuseAsync(request.Caller, request.CarriesFiles, problem);
        }

        if ((await admit.OrdersAsync(request.Caller, drafts, cancellationToken)).Failed(out problem, out var admitted))
        {
            return problem;
        }

        using var _ = admitted;
        var orders = admitted.Orders;
        var credits = orders.Sum(order => order.Credits);
        if (request.Consent(orders, credits).Failed(out problem, out var confirmed))
        {
            return problem;
        }

        var submit = SubmitOf(request, drafts, admitted, credits, confirmed);

        // The limits passed before the files were fetched: what is left to ask is asked before they are stored.
        if (admitted.Files.Artifacts.Count > 0 && Consent.Check(submit, default, time.GetUtcNow()) is { } question)
        {
            return question;
        }

        if (await tests.TakeAsync(request.Caller, orders.Count) is { } enough)
        {
            return enough;
        }

        var isMade = false;
        try
        {
            if (await storage.StoreAsync(request.Caller, admitted.Files, CancellationToken.None) is { } full)
            {
                return full;
            }

            // From here on the client's disconnect changes nothing: the task is made or it is not.
            var outcome = await lane.SubmitAsync(submit);
            isMade = outcome.Problem is null && !outcome.Value.IsReplay;
            return outcome;
        }
        finally
        {
            if (!isMade)
            {
                tests.GiveBack(request.Caller, orders.Count);
                storage.Forget(admitted.Files);
            }
        }
    }

    private static string EndpointOf(HttpRequest request, string files, Attribution attribution) =>
        $"POST {request.Path}{request.QueryString}\n{files}{PaidHeaders.Fingerprinted(attribution)}";

    private Submit SubmitOf(PaidRequest request, Drafts drafts, Admitted admitted, long credits, bool confirmed)
    {
        var facts = request.Keep is { } keep ? FactsOf(admitted.Orders, keep) : [];
        return new Submit
        {
            Caller = request.Caller,
            Orders = admitted.Orders,
            Files = admitted.Files.Artifacts,
            IsCounted = admitted.IsCounted,
            Credits = credits,
            Confirmed = confirmed,
            Ceiling = request.Ceiling,
            Idempotent = request.Idempotent,
            Facts = facts,
            FactsColumn = request.Idempotent is null ? null : StoredAnswer.Write(facts),
            Batch = drafts.Batch,
            CountField = drafts.CountField,
            MaxWebhookHosts = admit.MaxWebhookHosts,
            Trail = Trail.Current,
        };
    }

    /// <summary>What every HTTP answer says beside its body: that it is a replay, and the plan's count of calls with this one.</summary>
    public void SetHeaders(HttpContext context, Committed made)
    {
        if (context.Response.HasStarted)
        {
            return;
        }

        if (made.IsReplay)
        {
            context.Response.Headers[PaidHeaders.Replayed] = "true";
        }

        if (made.RequestsToday is { } used)
        {
            RateHeaders.Set(context, context.Caller().Plan, used, time.GetUtcNow());
        }
    }

    private static OrderFacts[] FactsOf(IReadOnlyList<Order> orders, Func<Order, OrderFacts> keep)
    {
        var facts = new OrderFacts[orders.Count];
        for (var i = 0; i < facts.Length; i++)
        {
            facts[i] = keep(orders[i]);
        }

        return facts;
    }
}
