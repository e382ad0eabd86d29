using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// An asynchronous vendor on a free port that speaks real HTTP and misbehaves as planned: POST /jobs, GET /jobs/{id},
/// GET /jobs?client_id=, POST /jobs/{id}/cancel, GET /results/{id}.
/// </summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    private const int HugeBytes = 64 * 1024 * 1024;
    private readonly WebApplication _app;
    private readonly bool _honoursIdempotencyKeys;

    private FakeProvider(WebApplication app, bool honoursIdempotencyKeys) => (_app, _honoursIdempotencyKeys) = (app, honoursIdempotencyKeys);

    public FakeBooks Books { get; } = new();

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Raised when a job was taken, before its submit is answered.</summary>
    public event Action<string>? JobAccepted;

    /// <summary>Raised when a job reached its end, as a vendor's callback would be: with the client's own id.</summary>
    public event Action<string>? JobEnded;

    public static async Task<FakeProvider> StartAsync(bool honoursIdempotencyKeys = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var provider = new FakeProvider(app, honoursIdempotencyKeys);
        app.MapPost("/jobs", provider.Submit);
        app.MapGet("/jobs", provider.List);
        app.MapGet("/jobs/{id}", provider.Poll);
        app.MapPost("/jobs/{id}/cancel", provider.Cancel);
        app.MapGet("/results/{id}", provider.Result);
        await app.StartAsync();
        return provider;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Submit(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var root = body.RootElement;
        var clientId = root.GetProperty("client_id").GetString()!;
        if (_honoursIdempotencyKeys && Books.Accepted.FirstOrDefault(job => job.ClientId == clientId) is { } known)
        {
            await context.Response.WriteAsJsonAsync(new { id = known.Id });
            return;
        }

        if (root.TryGetProperty("key", out var key))
        {
            Books.Asked(key.GetString()!);
            if (Books.Unpaid.Contains(key.GetString()!))
            {
                await ErrorAsync(context, 402, "pay_first");
                return;
            }
        }

        var plan = Books.Next(root.GetProperty("prompt").GetString()!);
        switch (plan.Submit)
        {
            case SubmitFault.Refused:
                await ErrorAsync(context, 400, "bad_input");
                return;
            case SubmitFault.Moderated:
                await ErrorAsync(context, 400, "moderated");
                return;
            case SubmitFault.RateLimited:
                await ErrorAsync(context, 429, "slow_down");
                return;
            case SubmitFault.RateLimitedWithRetryAfter:
                context.Response.Headers.RetryAfter = "1";
                await ErrorAsync(context, 429, "slow_down");
                return;
            case SubmitFault.Unauthorized:
                await ErrorAsync(context, 401, "who_are_you");
                return;
            case SubmitFault.OutOfCredit:
                await ErrorAsync(context, 402, "pay_first");
                return;
            case SubmitFault.ErrorBeforeAcceptance:
                await ErrorAsync(context, 500, "broken");
                return;
            case SubmitFault.ResetBeforeAcceptance:
                context.Abort();
                return;
        }

        var job = new AcceptedJob($"job_{Guid.NewGuid():n}", clientId, root.GetProperty("model").GetString()!, root.GetProperty("prompt").GetString()!, plan, Shape(root));
        Books.Append(job);
        JobAccepted?.Invoke(clientId);
        await plan.AnswersAfter;
        switch (plan.Submit)
        {
            case SubmitFault.ErrorAfterAcceptance:
                await ErrorAsync(context, 500, "broken");
                return;
            case SubmitFault.ResetAfterAcceptance:
                context.Abort();
                return;
            case SubmitFault.ResetMidBodyAfterAcceptance:
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{\"id\":\"");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            case SubmitFault.NoAnswerAfterAcceptance:
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            case SubmitFault.MalformedAfterAcceptance:
                await context.Response.WriteAsync("{\"id\":");
                return;
            case SubmitFault.HugeAfterAcceptance:
                await HugeAsync(context);
                return;
            default:
                await context.Response.WriteAsJsonAsync(new { id = job.Id });
                return;
        }
    }

    private async Task List(HttpContext context)
    {
        var clientId = context.Request.Query["client_id"].ToString();
        var jobs = Books.Accepted.Where(job => clientId.Length == 0 || job.ClientId == clientId).TakeLast(100);
        await context.Response.WriteAsJsonAsync(new { jobs = jobs.Select(job => new { id = job.Id, client_id = job.ClientId }) });
    }

    private async Task Poll(HttpContext context, string id)
    {
        if (Find(id) is not { } job)
        {
            await ErrorAsync(context, 404, "no_such_job");
            return;
        }

        var answer = job.NextAnswer();
        switch (answer)
        {
            case PollAnswer.ServerError:
                await ErrorAsync(context, 503, "broken");
                return;
            case PollAnswer.RateLimited:
                await ErrorAsync(context, 429, "slow_down");
                return;
            case PollAnswer.Reset:
                context.Abort();
                return;
            case PollAnswer.Malformed:
                await context.Response.WriteAsync("{\"status\":");
                return;
            case PollAnswer.Huge:
                await HugeAsync(context);
                return;
        }

        var status = answer switch
        {
            PollAnswer.Queued => "queued",
            PollAnswer.Running => "running",
            PollAnswer.Succeeded or PollAnswer.Empty => "succeeded",
            PollAnswer.UnknownStatus => "pondering",
            _ => "failed",
        };
        await context.Response.WriteAsJsonAsync(new
        {
            id,
            status,
            error = answer == PollAnswer.Moderated ? "moderated" : answer == PollAnswer.Failed ? "broken" : null,
            result = answer == PollAnswer.Succeeded ? new Uri(Address, $"/results/{id}").ToString() : null,
        });
        if (status is "succeeded" or "failed")
        {
            JobEnded?.Invoke(job.ClientId);
        }
    }

    private Task Cancel(HttpContext context, string id) => Find(id) is { Plan.RefusesCancel: false }
        ? context.Response.WriteAsJsonAsync(new { id, canceled = true })
        : ErrorAsync(context, 409, "runs_on");

    private async Task Result(HttpContext context, string id)
    {
        if (Find(id) is not { } job)
        {
            await ErrorAsync(context, 404, "no_such_job");
            return;
        }

        job.Fetched();
        await job.Plan.ServesAfter;
        switch (job.Plan.Result)
        {
            case ResultFault.Html:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><script>alert(1)</script></html>");
                return;
            case ResultFault.RedirectToPrivateAddress:
                context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
                return;
            case ResultFault.ServerError:
                await ErrorAsync(context, 500, "broken");
                return;
            case ResultFault.Gone:
                await ErrorAsync(context, 404, "expired");
                return;
        }

        var bytes = await FakeMedia.MakeAsync(job.Shape);
        context.Response.ContentType = job.Shape.Format == "mp4" ? "video/mp4" : $"image/{job.Shape.Format}";
        context.Response.ContentLength = bytes.Length;
        if (job.Plan.Result == ResultFault.Truncated)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(bytes);
    }

    private AcceptedJob? Find(string id) => Books.Accepted.FirstOrDefault(job => job.Id == id);

    private static ResultShape Shape(JsonElement root) => new(
        root.GetProperty("format").GetString()!,
        root.GetProperty("width").GetInt32(),
        root.GetProperty("height").GetInt32(),
        root.GetProperty("seconds").GetDouble(),
        root.GetProperty("fps").GetInt32(),
        root.GetProperty("audio").GetBoolean());

    private static async Task ErrorAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(new { error = code });
    }

    // Valid JSON for as long as anyone reads it.
    private static async Task HugeAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        var chunk = new byte[64 * 1024];
        chunk.AsSpan().Fill((byte)' ');
        for (var sent = 0; sent < HugeBytes && !context.RequestAborted.IsCancellationRequested; sent += chunk.Length)
        {
            await context.Response.Body.WriteAsync(chunk);
        }
    }
}
