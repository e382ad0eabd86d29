using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// An asynchronous vendor of nobody's, for tests of the driver: POST /jobs, GET /jobs/{id}, GET /jobs?client_id=,
/// POST /jobs/{id}/cancel, GET /results/{id}/0. Its own id for a job and the client's are both known to it.
/// </summary>
internal sealed class FakeProvider : FakeVendor
{
    private readonly bool _honoursIdempotencyKeys;

    private FakeProvider(bool honoursIdempotencyKeys) => _honoursIdempotencyKeys = honoursIdempotencyKeys;

    public override string Provider => "fake";

    /// <summary>Raised when a job was taken, before its submit is answered.</summary>
    public event Action<string>? JobAccepted;

    /// <summary>Raised when a job reached its end, as a vendor's callback would be: with the client's own id.</summary>
    public event Action<string>? JobEnded;

    public static async Task<FakeProvider> StartAsync(bool honoursIdempotencyKeys = false)
    {
        var provider = new FakeProvider(honoursIdempotencyKeys);
        await provider.OpenAsync();
        return provider;
    }

    protected override void Map(WebApplication app)
    {
        app.MapPost("/jobs", Submit);
        app.MapGet("/jobs", List);
        app.MapGet("/jobs/{id}", (HttpContext context, string id) => PollAsync(context, id, Read, Error(404, "no_such_job")));
        app.MapPost("/jobs/{id}/cancel", Cancel);
    }

    protected override VendorReply Refusal(SubmitFault fault) => fault switch
    {
        SubmitFault.Refused => Error(400, "bad_input"),
        SubmitFault.Moderated => Error(400, "moderated"),
        SubmitFault.RateLimited => Error(429, "slow_down"),
        SubmitFault.RateLimitedWithRetryAfter => Error(429, "slow_down") with { Headers = new Dictionary<string, string> { ["Retry-After"] = "1" } },
        SubmitFault.Unauthorized => Error(401, "who_are_you"),
        SubmitFault.OutOfCredit => Error(402, "pay_first"),
        _ => Error(500, "broken"),
    };

    protected override void Accepted(VendorJob job) => JobAccepted?.Invoke(job.Accepted.ClientId);

    private Task Submit(HttpContext context)
    {
        var body = ((VendorRequest)context.Items[typeof(VendorRequest)]!).Json;
        var clientId = Text(body, "client_id");
        if (_honoursIdempotencyKeys && Books.Accepted.FirstOrDefault(job => job.ClientId == clientId) is { } known)
        {
            return WriteAsync(context, VendorReply.Json(new { id = known.Id }));
        }

        if (body["key"]?.GetValue<string>() is { } key)
        {
            Books.Asked(key);
            if (Books.Unpaid.Contains(key))
            {
                return WriteAsync(context, Refusal(SubmitFault.OutOfCredit));
            }
        }

        return SubmitAsync(context, Check, static job => VendorReply.Json(new { id = job.Id }), static request => Text(request.Json, "client_id"));
    }

    private Task List(HttpContext context)
    {
        var clientId = context.Request.Query["client_id"].ToString();
        var jobs = Books.Accepted.Where(job => clientId.Length == 0 || job.ClientId == clientId).TakeLast(100);
        return WriteAsync(context, VendorReply.Json(new { jobs = jobs.Select(job => new { id = job.Id, client_id = job.ClientId }) }));
    }

    private VendorReply Read(VendorJob job, PollAnswer answer)
    {
        var status = answer switch
        {
            PollAnswer.Queued => "queued",
            PollAnswer.Running => "running",
            PollAnswer.Succeeded or PollAnswer.Empty => "succeeded",
            PollAnswer.UnknownStatus => "pondering",
            _ => "failed",
        };
        if (status is "succeeded" or "failed")
        {
            JobEnded?.Invoke(job.Accepted.ClientId);
        }

        return VendorReply.Json(new
        {
            id = job.Id,
            status,
            error = answer == PollAnswer.Moderated ? "moderated" : answer == PollAnswer.Failed ? "broken" : null,
            result = answer == PollAnswer.Succeeded ? job.Results[0].ToString() : null,
        });
    }

    // A job that it agrees to stop answers as planned all the same: what matters is what the gateway makes of the agreement.
    private Task Cancel(HttpContext context, string id) => WriteAsync(context, Find(id) is { Accepted.Plan.RefusesCancel: false }
        ? VendorReply.Json(new { id, canceled = true })
        : Error(409, "runs_on"));

    private static SchemaCheck Check(VendorRequest request)
    {
        var body = request.Json;
        return new SchemaCheck
        {
            Prompt = Text(body, "prompt"),
            Model = Text(body, "model"),
            Shape = new ResultShape(
                Text(body, "format"),
                body["width"]!.GetValue<int>(),
                body["height"]!.GetValue<int>(),
                body["seconds"]!.GetValue<double>(),
                body["fps"]!.GetValue<int>(),
                body["audio"]!.GetValue<bool>()),
        };
    }

    private static string Text(JsonObject body, string name) => body[name]!.GetValue<string>();

    private static VendorReply Error(int status, string code) => VendorReply.Json(new { error = code }, status);
}
