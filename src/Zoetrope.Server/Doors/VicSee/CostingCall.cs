using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Zoetrope.Server.Accounts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Generations;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary>
/// What every POST that costs does, in this order: body, idempotency key, replay, shape, admission, one transaction. The
/// doors give the two ends: how the body becomes a draft and how the submission becomes an answer.
/// </summary>
internal sealed class CostingCall(SubmitGeneration submit, TimeProvider time)
{
    /// <summary>Room for several input images as data URIs.</summary>
    public const int MaxBody = 64 * 1024 * 1024;

    public async Task RunAsync(
        HttpContext context,
        Func<JsonElement, Outcome<RequestDraft>> read,
        Func<Submission, AdmittedRequest, byte[]> answer)
    {
        AllowLargeBody(context);
        var reading = await JsonBody.ReadAsync(context, MaxBody);
        if (reading.Failed(out var problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        using var body = reading.Value;
        CrashPoints.Hit("K1");
        var outcome = await SubmitAsync(context, body.RootElement, read, answer);
        if (outcome.Failed(out problem))
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        await JsonAnswer.WriteAsync(context, outcome.Value);
    }

    /// <summary>The server's general limit is for bodies without files.</summary>
    public static void AllowLargeBody(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MaxBody;
        }
    }

    private async ValueTask<Outcome<byte[]>> SubmitAsync(
        HttpContext context,
        JsonElement body,
        Func<JsonElement, Outcome<RequestDraft>> read,
        Func<Submission, AdmittedRequest, byte[]> answer)
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

        AdmittedRequest? admitted = null;
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

        var drafting = read(body);
        if (drafting.Failed(out problem))
        {
            return problem;
        }

        var admitting = await submit.AdmitAsync(caller, drafting.Value, context.RequestAborted);
        if (admitting.Failed(out problem))
        {
            return problem;
        }

        admitted = admitting.Value with { Confirmed = accepted >= admitting.Value.Priced.Credits };

        // From here on the client's disconnect changes nothing: the task is made or it is not.
        var submitting = await submit.SubmitAsync(caller, admitted, idempotent);
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
