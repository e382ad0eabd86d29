using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Admission.Requests;

namespace Zoetrope.Server.Doors.Shared;

/// <summary>
/// What every POST that costs does, in this order: body, idempotency key, replay, shape, admission, one transaction. The
/// doors give the two ends: how the body becomes a draft and how the submission becomes an answer.
/// </summary>
internal sealed class CostingCall(SubmitGeneration submit, TimeProvider time)
{
    /// <summary>One request, one task.</summary>
    public Task RunAsync(HttpContext context, Func<JsonElement, Outcome<RequestDraft>> read, Func<Submission, AdmittedRequest, byte[]> answer)
    {
        var caller = context.Caller();
        return RunAsync(
            context,
            async body => read(body).Failed(out var problem, out var draft) ? problem : await submit.AdmitAsync(caller, draft, context.RequestAborted),
            (admitted, accepted, idempotent) => submit.SubmitAsync(caller, admitted with { Confirmed = accepted >= admitted.Priced.Credits }, idempotent),
            answer);
    }

    /// <summary>Any number of tasks under one idempotency key.</summary>
    /// <param name="context">The request.</param>
    /// <param name="admit">From the body to what may start.</param>
    /// <param name="start">The one transaction, given the credits that the client accepts, where it says so.</param>
    /// <param name="answer">Writes what was made.</param>
    public async Task RunAsync<T>(
        HttpContext context,
        Func<JsonElement, ValueTask<Outcome<T>>> admit,
        Func<T, long?, IdempotentRequest?, ValueTask<Outcome<Submission>>> start,
        Func<Submission, T, byte[]> answer)
    {
        var reading = await JsonBody.ReadAsync(context);
        if (reading.Failed(out var problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        using var body = reading.Value;
        CrashPoints.Hit("K1");
        var outcome = await SubmitAsync(context, body.RootElement, admit, start, answer);
        if (outcome.Failed(out problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        await JsonAnswer.WriteAsync(context, outcome.Value);
    }

    private async ValueTask<Outcome<byte[]>> SubmitAsync<T>(
        HttpContext context,
        JsonElement body,
        Func<JsonElement, ValueTask<Outcome<T>>> admit,
        Func<T, long?, IdempotentRequest?, ValueTask<Outcome<Submission>>> start,
        Func<Submission, T, byte[]> answer)
    {
        var caller = context.Caller();
        var keyed = IdempotencyKeys.Read(context.Request);
        if (keyed.Failed(out var problem))
        {
            return problem;
        }

        if (AskAbove.Read(context.Request).Failed(out problem, out var accepted))
        {
            return problem;
        }

        var admitted = default(T);
        IdempotentRequest? idempotent = null;
        if (keyed.Value is { } key)
        {
            // The query is part of the request: `?a=1` under a key is not the request without it.
            var endpoint = $"POST {context.Request.Path}{context.Request.QueryString}\n";
            idempotent = new IdempotentRequest(key, IdempotencyKeys.Fingerprint(endpoint, body), made => Encoding.UTF8.GetString(answer(made, admitted!)));
            if (await submit.ReplayAsync(caller, idempotent) is { } replay)
            {
                return replay.Failed(out problem) ? problem : Replayed(context, replay.Value);
            }
        }

        var admitting = await admit(body);
        if (admitting.Failed(out problem))
        {
            return problem;
        }

        admitted = admitting.Value;

        // From here on the client's disconnect changes nothing: the task is made or it is not.
        var submitting = await start(admitted, accepted, idempotent);
        if (submitting.Failed(out problem))
        {
            return problem;
        }

        var submission = submitting.Value;
        if (submission.RequestsToday is { } used)
        {
            RateHeaders.Set(context, caller.Plan, used, time.GetUtcNow());
        }

        return submission.Replayed is null ? answer(submission, admitted) : Replayed(context, submission);
    }

    private static byte[] Replayed(HttpContext context, Submission submission)
    {
        context.Response.Headers[IdempotencyKeys.ReplayedHeader] = "true";
        return Encoding.UTF8.GetBytes(submission.Replayed!);
    }
}
