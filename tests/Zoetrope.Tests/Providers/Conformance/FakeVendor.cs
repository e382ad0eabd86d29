using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>
/// A vendor on a real port, as strict and as nasty as the real one: it checks every request against the vendor's schema, keeps
/// books of what it took and will bill, and misbehaves as <see cref="JobPlan"/> says. A vendor's fake adds its routes and words.
/// </summary>
internal abstract class FakeVendor : IAsyncDisposable
{
    private const int HugeBytes = 32 * 1024 * 1024;
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentQueue<VendorRequest> _requests = new();
    private readonly ConcurrentDictionary<string, VendorJob> _jobs = new(StringComparer.Ordinal);
    private WebApplication? _app;
    private int _serial;

    /// <summary>The provider's name in routes and settings.</summary>
    public abstract string Provider { get; }

    /// <summary>A key that this vendor takes; any other is refused as the vendor refuses it.</summary>
    public virtual string Key => "test-key-0123456789abcdef";

    /// <summary>Further settings of the server under test.</summary>
    public virtual IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>();

    public Uri Address => new(_app!.Urls.First());

    /// <summary>The base URL to configure; some vendors have a path in it.</summary>
    public virtual Uri BaseUrl => Address;

    public FakeBooks Books { get; } = new();

    /// <summary>Questions about jobs are taken and never answered.</summary>
    public bool Hangs { get; set; }

    /// <summary>Bytes by which video results are longer than they need be, in a box that players skip.</summary>
    public int Padding { get; set; }

    /// <summary>Every request that came, in order.</summary>
    public IReadOnlyList<VendorRequest> Requests => [.. _requests];

    /// <summary>What the vendor's schema found wrong in requests; empty unless an adapter is wrong.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    public IReadOnlyCollection<VendorJob> Jobs => [.. _jobs.Values.OrderBy(job => job.Number)];

    /// <summary>Listens on a free port.</summary>
    public async Task OpenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(Urls);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = null);
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Use(RecordAsync);
        _app.MapGet("/results/{id}/{index:int}", ResultAsync);
        Map(_app);
        _app.MapFallback(context =>
        {
            Violate($"{context.Request.Method} {context.Request.Path} is no endpoint of {Provider}");
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    /// <summary>Listening addresses; a vendor with regional hosts listens on two.</summary>
    protected virtual string[] Urls => ["http://127.0.0.1:0"];

    /// <summary>Maps the vendor's endpoints; each submit goes through <see cref="SubmitAsync"/>, each read of a job through <see cref="PollAsync"/>.</summary>
    protected abstract void Map(WebApplication app);

    /// <summary>How this vendor says a failure of a submit: Refused, Moderated, RateLimited, RateLimitedWithRetryAfter, Unauthorized, OutOfCredit or ErrorBeforeAcceptance.</summary>
    protected abstract VendorReply Refusal(SubmitFault fault);

    /// <summary>A request as it is reviewed: without what this vendor's requests change each time.</summary>
    public virtual string Reviewable(string request) => request;

    /// <summary>Records a breach of the vendor's schema.</summary>
    public void Violate(string what) => _violations.Enqueue(what);

    /// <summary>
    /// The whole life of a submit: check, plan, refuse or take, answer or not. A breach of the schema is recorded and refused,
    /// as the vendor would refuse it.
    /// </summary>
    /// <param name="context">The call.</param>
    /// <param name="check">From the request to the job it wants, or what is wrong with it.</param>
    /// <param name="accepted">The vendor's answer to a job it took.</param>
    /// <param name="clientId">The client's own id in the request, where the vendor has such a field.</param>
    protected async Task SubmitAsync(HttpContext context, Func<VendorRequest, SchemaCheck> check, Func<VendorJob, VendorReply> accepted, Func<VendorRequest, string?>? clientId = null)
    {
        var request = (VendorRequest)context.Items[typeof(VendorRequest)]!;
        var seen = check(request);
        if (seen.Unauthorized)
        {
            await WriteAsync(context, Refusal(SubmitFault.Unauthorized));
            return;
        }

        if (seen.Wrong is { } wrong)
        {
            Violate($"{request.Method} {request.Path}: {wrong}: {request.Text}");
            await WriteAsync(context, Refusal(SubmitFault.Refused));
            return;
        }

        var plan = Books.Next(seen.Prompt);
        switch (plan.Submit)
        {
            case SubmitFault.Refused or SubmitFault.Moderated or SubmitFault.RateLimited or SubmitFault.RateLimitedWithRetryAfter
                or SubmitFault.Unauthorized or SubmitFault.OutOfCredit or SubmitFault.ErrorBeforeAcceptance:
                await WriteAsync(context, Refusal(plan.Submit));
                return;
            case SubmitFault.ResetBeforeAcceptance:
                context.Abort();
                return;
        }

        var number = Interlocked.Increment(ref _serial);
        var accept = new AcceptedJob(NewId(request, number), clientId?.Invoke(request) ?? "", seen.Model, seen.Prompt, plan, seen.Shape);
        var job = new VendorJob(number, accept, request, [.. Enumerable.Range(0, seen.Outputs).Select(index => new Uri(Address, string.Create(CultureInfo.InvariantCulture, $"/results/{accept.Id}/{index}")))]);
        _jobs[accept.Id] = job;
        Books.Append(accept);
        Accepted(job);
        await plan.AnswersAfter;
        switch (plan.Submit)
        {
            case SubmitFault.ErrorAfterAcceptance:
                await WriteAsync(context, Refusal(SubmitFault.ErrorBeforeAcceptance));
                return;
            case SubmitFault.ResetAfterAcceptance:
                context.Abort();
                return;
            case SubmitFault.ResetMidBodyAfterAcceptance:
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = 1_000;
                await context.Response.WriteAsync("{\"id\":\"");
                await context.Response.Body.FlushAsync();
                context.Abort();
                return;
            case SubmitFault.NoAnswerAfterAcceptance:
                await HostileAnswers.NeverAsync(context);
                return;
            case SubmitFault.MalformedAfterAcceptance:
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{\"id\":");
                return;
            case SubmitFault.HugeAfterAcceptance:
                await HugeAsync(context);
                return;
            default:
                await WriteAsync(context, accepted(job));
                return;
        }
    }

    /// <summary>Answers a read of a job; <paramref name="answer"/> gives the vendor's words for what the plan wants.</summary>
    protected async Task PollAsync(HttpContext context, string id, Func<VendorJob, PollAnswer, VendorReply> answer, VendorReply unknown)
    {
        if (Find(id) is not { } job)
        {
            await WriteAsync(context, unknown);
            return;
        }

        if (Hangs)
        {
            await HostileAnswers.NeverAsync(context);
            return;
        }

        var next = job.Canceled ? PollAnswer.Failed : job.Accepted.NextAnswer();
        switch (next)
        {
            case PollAnswer.ServerError:
                await WriteAsync(context, Refusal(SubmitFault.ErrorBeforeAcceptance));
                return;
            case PollAnswer.RateLimited:
                await WriteAsync(context, Refusal(SubmitFault.RateLimited));
                return;
            case PollAnswer.Reset:
                context.Abort();
                return;
            case PollAnswer.Malformed:
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{\"status\":");
                return;
            case PollAnswer.Huge:
                await HugeAsync(context);
                return;
            default:
                await WriteAsync(context, answer(job, next));
                return;
        }
    }

    /// <summary>A job was taken; a vendor that calls back remembers where.</summary>
    protected virtual void Accepted(VendorJob job)
    {
    }

    /// <summary>The id of a new job as this vendor writes ids.</summary>
    protected virtual string NewId(VendorRequest request, int number) => $"{Provider}-{Guid.NewGuid():n}";

    protected VendorJob? Find(string id) => _jobs.GetValueOrDefault(id);

    protected static async Task WriteAsync(HttpContext context, VendorReply reply)
    {
        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers ?? new Dictionary<string, string>())
        {
            context.Response.Headers[name] = value;
        }

        context.Response.ContentType ??= "application/json";
        await context.Response.WriteAsync(reply.Body);
    }

    /// <summary>A file of the job's shape: what a vendor with inline results puts into its answer.</summary>
    protected static Task<byte[]> MediaAsync(VendorJob job) => FakeMedia.MakeAsync(job.Accepted.Shape);

    /// <summary>The same, and what the plan makes of it.</summary>
    protected static async Task<byte[]> InlineMediaAsync(VendorJob job)
    {
        var bytes = await MediaAsync(job);
        return job.Accepted.Plan.Result switch
        {
            ResultFault.Truncated => bytes[..(bytes.Length / 2)],
            ResultFault.Html => Encoding.UTF8.GetBytes("<html><script>alert(1)</script></html>" + new string(' ', 40_000)),
            _ => bytes,
        };
    }

    private async Task RecordAsync(HttpContext context, RequestDelegate next)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new VendorRequest(
            context.Request.Method,
            context.Request.Path.Value ?? "",
            context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        _requests.Enqueue(request);
        context.Items[typeof(VendorRequest)] = request;
        context.Request.Body = new MemoryStream(request.Body);
        await next(context);
    }

    /// <summary>Serves a result of the job as its plan says; for vendors that have addresses of their own for files.</summary>
    protected async Task ResultAsync(HttpContext context, string id, int index)
    {
        if (Find(id) is not { } job || index >= job.Results.Count)
        {
            context.Response.StatusCode = 404;
            return;
        }

        job.Accepted.Fetched();
        await job.Accepted.Plan.ServesAfter;
        switch (job.Accepted.Plan.Result)
        {
            case ResultFault.Html:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html><script>alert(1)</script></html>");
                return;
            case ResultFault.RedirectToPrivateAddress:
                context.Response.Redirect("http://169.254.169.254/latest/meta-data/");
                return;
            case ResultFault.ServerError:
                context.Response.StatusCode = 500;
                return;
            case ResultFault.Gone:
                context.Response.StatusCode = 404;
                return;
        }

        var bytes = await MediaAsync(job);
        context.Response.ContentType = job.Accepted.Shape.Format == "mp4" ? "video/mp4" : $"image/{job.Accepted.Shape.Format}";
        context.Response.ContentLength = bytes.Length + (long)Padding;
        if (job.Accepted.Plan.Result == ResultFault.Truncated)
        {
            await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(bytes);
        await PadAsync(context.Response.Body);
    }

    // ISO 14496-12 has a box for it: its length, its name, and nothing.
    private async Task PadAsync(Stream body)
    {
        if (Padding == 0)
        {
            return;
        }

        var header = new byte[8];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(header, Padding);
        "free"u8.CopyTo(header.AsSpan(4));
        await body.WriteAsync(header);
        var chunk = new byte[64 * 1024];
        for (var left = Padding - header.Length; left > 0; left -= chunk.Length)
        {
            await body.WriteAsync(chunk.AsMemory(0, Math.Min(left, chunk.Length)));
        }
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

/// <summary>What a vendor's schema makes of a submit.</summary>
internal sealed record SchemaCheck
{
    /// <summary>The small files that fakes make: their type is what matters.</summary>
    public static readonly ResultShape Image = new("png", 64, 64, 0, 0, false);

    public static readonly ResultShape Video = new("mp4", 64, 64, 1, 8, false);

    /// <summary>What is wrong; null where the request is right.</summary>
    public string? Wrong { get; init; }

    /// <summary>The credential is missing or false.</summary>
    public bool Unauthorized { get; init; }

    public string Prompt { get; init; } = "";

    public string Model { get; init; } = "";

    public ResultShape Shape { get; init; } = Video;

    /// <summary>Result files of the job.</summary>
    public int Outputs { get; init; } = 1;
}

/// <summary>A request as the vendor got it.</summary>
internal sealed record VendorRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 4_000)));

    /// <summary>The body as JSON; an empty object where it is none.</summary>
    public JsonObject Json => Body.Length > 0 && Body[0] == (byte)'{' ? JsonNode.Parse(Body)!.AsObject() : [];

    /// <summary>Whether the prompt stands in the body, in JSON or in a form.</summary>
    public bool Carries(string prompt) => Encoding.UTF8.GetString(Body).Contains(prompt, StringComparison.Ordinal);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>When it came, in timestamps of the system's clock.</summary>
    public long At { get; } = TimeProvider.System.GetTimestamp();
}

/// <summary>What the vendor answers.</summary>
internal sealed record VendorReply(int Status, string Body, IReadOnlyDictionary<string, string>? Headers = null)
{
    public static VendorReply Json(object body, int status = 200, IReadOnlyDictionary<string, string>? headers = null) =>
        new(status, body as string ?? JsonSerializer.Serialize(body), headers);
}

/// <summary>A job in the vendor's hands.</summary>
internal sealed record VendorJob(int Number, AcceptedJob Accepted, VendorRequest Request, IReadOnlyList<Uri> Results)
{
    public string Id => Accepted.Id;

    public bool Canceled { get; set; }
}
