using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>
/// The Zoetrope API. One instance serves any number of threads. A call is tried again where that is safe: every submit carries
/// one <c>Idempotency-Key</c> over all its tries, so a lost answer never becomes a second task.
/// </summary>
public sealed partial class ZoetropeClient : IDisposable
{
    private readonly Transport _transport;
    private readonly EventFollower _follower;
    private readonly long? _confirmedCredits;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="address">The server, as <c>https://media.example.com</c>.</param>
    /// <param name="apiKey">An API key (<c>sk-…</c>).</param>
    /// <param name="options">How it behaves; null for the defaults.</param>
    public ZoetropeClient(Uri address, string apiKey, ZoetropeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(apiKey);
        Address = address;
        _transport = new Transport(address, apiKey, options ?? new ZoetropeClientOptions());
        _follower = new EventFollower(_transport);
    }

    private ZoetropeClient(Uri address, Transport transport)
    {
        Address = address;
        _transport = transport;
        _follower = new EventFollower(_transport);
    }

    private ZoetropeClient(ZoetropeClient lender, long confirmedCredits) =>
        (_transport, _follower, Address, _confirmedCredits) = (lender._transport, lender._follower, lender.Address, confirmedCredits);

    /// <summary>The server.</summary>
    public Uri Address { get; }

    /// <summary>
    /// A client without a key, for a page of the server's own: the browser sends the cookie of whoever is signed in. A session has no
    /// mode, so the client has one.
    /// </summary>
    /// <param name="address">The server that the page came from.</param>
    /// <param name="mode"><c>test</c> or <c>live</c>.</param>
    /// <param name="options">How it behaves; null for the defaults.</param>
    /// <returns>A client that acts as the signed-in person.</returns>
    public static ZoetropeClient OfSession(Uri address, string mode, ZoetropeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(mode);
        return new ZoetropeClient(address, new Transport(address, null, options ?? new ZoetropeClientOptions(), mode));
    }

    /// <summary>
    /// The same client, agreeing to a price and to none above it: a key may ask before it spends much, and refuses with
    /// <c>CONFIRMATION_REQUIRED</c> until the price is accepted. Shares the connections of this one and need not be disposed.
    /// </summary>
    /// <param name="credits">The highest price that a call of the answered client may have.</param>
    /// <returns>A client whose submits carry <c>Zoetrope-Confirm-Credits</c>.</returns>
    public ZoetropeClient Confirming(long credits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(credits);
        return new ZoetropeClient(this, credits);
    }

    /// <summary>Starts a task and returns at once.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="idempotencyKey">
    /// Names this call. Give one of your own, kept beside your order, to be safe over restarts of your program; null makes a new one.
    /// </param>
    /// <param name="cancellationToken">Ends the call; the task may exist all the same.</param>
    /// <returns>The task, with its credits held.</returns>
    public Task<TaskCreated> GenerateAsync(
        GenerateRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(
            "api/v1/generate",
            request,
            ClientJson.Default.GenerateRequest,
            ClientJson.Default.EnvelopeTaskCreated,
            idempotencyKey,
            cancellationToken);

    /// <summary>Starts a task, waits for its end and throws <see cref="ZoetropeTaskFailedException"/> where it has no result.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the task runs on.</param>
    /// <returns>The completed task.</returns>
    public async Task<TaskState> GenerateAndWaitAsync(
        GenerateRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default)
    {
        var created = await GenerateAsync(request, idempotencyKey, cancellationToken).ConfigureAwait(false);
        var task = await WaitAsync(created.Id, cancellationToken).ConfigureAwait(false);
        return task.Status == "completed" ? task : throw new ZoetropeTaskFailedException(task);
    }

    /// <summary>Starts the upscaling of an image and returns at once.</summary>
    /// <param name="request">The image and by how much.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; the task may exist all the same.</param>
    /// <returns>The task, with its credits held.</returns>
    public Task<UpscaleCreated> UpscaleImageAsync(
        UpscaleImageRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(
            "api/v1/tools/upscale-image",
            request,
            ClientJson.Default.UpscaleImageRequest,
            ClientJson.Default.EnvelopeUpscaleCreated,
            idempotencyKey,
            cancellationToken);

    /// <summary>Starts the upscaling of a video and returns at once.</summary>
    /// <param name="request">The video and by how much.</param>
    /// <param name="idempotencyKey">As of <see cref="GenerateAsync"/>.</param>
    /// <param name="cancellationToken">Ends the call; the task may exist all the same.</param>
    /// <returns>The task, with its credits held.</returns>
    public Task<UpscaleCreated> UpscaleVideoAsync(
        UpscaleVideoRequest request, string? idempotencyKey = null, CancellationToken cancellationToken = default) =>
        SubmitAsync(
            "api/v1/tools/upscale-video",
            request,
            ClientJson.Default.UpscaleVideoRequest,
            ClientJson.Default.EnvelopeUpscaleCreated,
            idempotencyKey,
            cancellationToken);

    /// <summary>The models with their parameters, limits and prices.</summary>
    /// <param name="type"><c>image</c> or <c>video</c>; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Every model that is not retired; <see cref="ModelListing.Available"/> says whether this key can use it.</returns>
    public Task<IReadOnlyList<ModelListing>> ModelsAsync(string? type = null, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "api/v1/models?view=full" + (type is null ? "" : "&" + Part("type", type))),
            ClientJson.Default.EnvelopeIReadOnlyListModelListing,
            cancellationToken);

    /// <summary>One model, by whatever name a request may use for it.</summary>
    /// <param name="name">An id, an alias or a family, such as <c>Seedance 2.0</c>.</param>
    /// <param name="inputs">
    /// The kinds of the files that will be attached: <c>image</c>, <c>video</c>, <c>audio</c>. Which model of a family is meant depends on
    /// them.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The model that is meant.</returns>
    public Task<ModelListing> ModelAsync(
        string name, IReadOnlyCollection<string>? inputs = null, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(
                HttpMethod.Get,
                $"api/v1/models/{Uri.EscapeDataString(name)}"
                    + (inputs is { Count: > 0 } ? "?" + Part("inputs", string.Join(',', inputs)) : "")),
            ClientJson.Default.EnvelopeModelListing,
            cancellationToken);

    /// <summary>What a request would cost, and the shape of its result.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The exact price.</returns>
    public Task<Estimate> EstimateAsync(GenerateRequest request, CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => Post("api/v1/estimate", request, ClientJson.Default.GenerateRequest),
            ClientJson.Default.EnvelopeEstimate,
            cancellationToken);

    /// <summary>The credits of the key's account and mode.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What is available and what is held.</returns>
    public Task<CreditBalance> CreditsAsync(CancellationToken cancellationToken = default) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, "api/v1/credits"), ClientJson.Default.EnvelopeCreditBalance, cancellationToken);

    /// <summary>Reads a task as it is now.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task.</returns>
    public Task<TaskState> GetAsync(string taskId, CancellationToken cancellationToken = default) =>
        ReadAsync(taskId, "", cancellationToken);

    /// <summary>Reads a task with its <see cref="TaskState.Timeline"/>: what happened to it, in order.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task.</returns>
    public Task<TaskState> GetFullAsync(string taskId, CancellationToken cancellationToken = default) =>
        ReadAsync(taskId, "?view=full", cancellationToken);

    /// <summary>Waits until the task has ended, however it ended. The server holds each question open, so this costs little.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the wait; the task runs on.</param>
    /// <returns>The task with the status <c>completed</c> or <c>failed</c>.</returns>
    public async Task<TaskState> WaitAsync(string taskId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var task = await ReadAsync(taskId, "?wait=50", cancellationToken).ConfigureAwait(false);
            if (task.Status is "completed" or "failed" or "cancelled")
            {
                return task;
            }
        }
    }

    /// <summary>Follows a task from its beginning to its end; a broken connection is resumed.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="after">A cursor: only what comes behind it.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The events in order, the last one being the end of the task.</returns>
    public IAsyncEnumerable<TaskEvent> FollowAsync(string taskId, string? after = null, CancellationToken cancellationToken = default) =>
        _follower.FollowAsync($"api/v1/tasks/{Uri.EscapeDataString(taskId)}/events", after, endsWithTask: true, cancellationToken);

    /// <summary>
    /// Follows every task of the account, and nothing else that happens to it, until it is cancelled; a broken connection is resumed.
    /// </summary>
    /// <param name="after">A cursor: only what comes behind it; <c>0</c> is the beginning, null is now.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>The events in order.</returns>
    public IAsyncEnumerable<TaskEvent> FollowAllAsync(string? after = null, CancellationToken cancellationToken = default) =>
        _follower.FollowAsync("api/v1/events", after, endsWithTask: false, cancellationToken);

    /// <summary>One page of tasks, newest first.</summary>
    /// <param name="query">Which ones; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The page and the cursor of the next one.</returns>
    public Task<TaskPage> ListAsync(TaskQuery? query = null, CancellationToken cancellationToken = default)
    {
        string?[] parts =
        [
            Part("status", query?.Status), Part("model", query?.Model), Part("type", query?.Type), Part("cursor", query?.Cursor),
            Part("tag", query?.Tag), Part("user", query?.User), Part("member", query?.Member),
            Part("limit", query?.Limit?.ToString(CultureInfo.InvariantCulture)), Part("family", query?.Family), Part("q", query?.Words),
            Part("star", query?.Star switch { null => null, true => "true", false => "false" }), Part("collection", query?.Collection),
            Part("from", Time(query?.From)), Part("to", Time(query?.To)),
        ];
        var path = "api/v1/tasks?" + string.Join('&', parts.Where(part => part is not null));
        return _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, path), ClientJson.Default.EnvelopeTaskPage, cancellationToken);
    }

    /// <summary>All tasks, newest first, page after page.</summary>
    /// <param name="query">Which ones; null for all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <returns>The tasks.</returns>
    public async IAsyncEnumerable<TaskState> ListAllAsync(
        TaskQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        query ??= new TaskQuery();
        do
        {
            var page = await ListAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var task in page.Tasks)
            {
                yield return task;
            }

            query = query with { Cursor = page.NextCursor };
        }
        while (query.Cursor is not null);
    }

    /// <summary>Asks that a task be stopped. Whether it was is in the answer: a provider may decline.</summary>
    /// <param name="taskId">The task's id.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The task as it is now, as much of it as the key may know.</returns>
    public async Task<TaskCancellation> CancelAsync(string taskId, CancellationToken cancellationToken = default) =>
        TaskCancellation.Read(await _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Delete, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}"),
            ClientJson.Default.EnvelopeJsonElement,
            cancellationToken).ConfigureAwait(false));

    /// <summary>Writes a result file into a stream and compares its hash with the task's.</summary>
    /// <param name="file">A result of a completed task.</param>
    /// <param name="destination">Takes the bytes; where this throws it may have taken some.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>When all bytes are written.</returns>
    public async Task DownloadAsync(TaskFile file, Stream destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(destination);
        using var response = await _transport.SendAsync(
            () => new HttpRequestMessage(HttpMethod.Get, file.Url), withKey: false, whole: false, cancellationToken).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var source = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[81_920];
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await destination.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        if (!string.Equals(Convert.ToHexString(hash.GetHashAndReset()), file.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new ZoetropeDamagedFileException("The downloaded bytes do not have the hash that the task names.");
        }
    }

    /// <summary>Writes a result to a file, which appears whole or not at all.</summary>
    /// <param name="file">A result of a completed task.</param>
    /// <param name="path">Where to; what is there is replaced.</param>
    /// <param name="cancellationToken">Ends the download.</param>
    /// <returns>When the file is there.</returns>
    public async Task DownloadAsync(TaskFile file, string path, CancellationToken cancellationToken = default)
    {
        var part = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (var stream = new FileStream(part, FileMode.CreateNew))
            {
                await DownloadAsync(file, stream, cancellationToken).ConfigureAwait(false);
            }

            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Uploads an input file.</summary>
    /// <param name="content">The bytes, read once from where the stream stands; its length must be known.</param>
    /// <param name="contentType">Their MIME type, as <c>image/png</c>.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <returns>The URL that names the file as an input of a request.</returns>
    public async Task<string> UploadAsync(Stream content, string contentType, CancellationToken cancellationToken = default) =>
        (await UploadInputAsync(content, contentType, cancellationToken).ConfigureAwait(false)).PublicUrl;

    /// <summary>Uploads an input file, as <see cref="UploadAsync"/>.</summary>
    /// <param name="content">The bytes, read once from where the stream stands; its length must be known.</param>
    /// <param name="contentType">Their MIME type, as <c>image/png</c>.</param>
    /// <param name="cancellationToken">Ends the upload.</param>
    /// <returns>Everything that the server says of it.</returns>
    public async Task<UploadTarget> UploadInputAsync(Stream content, string contentType, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var start = content.Position;
        var announced = new UploadRequest { ContentType = contentType, SizeBytes = content.Length - start };
        var target = await _transport.CallAsync(
            () => Post("api/v1/upload", announced, ClientJson.Default.UploadRequest),
            ClientJson.Default.EnvelopeUploadTarget,
            cancellationToken).ConfigureAwait(false);
        using var response = await _transport.SendAsync(
            () =>
            {
                content.Position = start;
                var request = new HttpRequestMessage(HttpMethod.Put, target.UploadUrl)
                {
                    Content = new StreamContent(new Unclosed(content)),
                };
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
                request.Content.Headers.ContentLength = announced.SizeBytes;
                return request;
            },
            withKey: false,
            whole: true,
            cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <summary>Closes the connections; a handler given in the options stays open.</summary>
    public void Dispose()
    {
        // What is only lent belongs to the client that lent it.
        if (_confirmedCredits is null)
        {
            _transport.Dispose();
        }
    }

    private static string? Part(string name, string? value) => value is null ? null : $"{name}={Uri.EscapeDataString(value)}";

    private static HttpRequestMessage Send(HttpMethod method, string path, HttpContent content) => new(method, path) { Content = content };

    private static HttpRequestMessage Post<T>(string path, T body, JsonTypeInfo<T> shape) =>
        new(HttpMethod.Post, path) { Content = JsonContent.Create(body, shape) };

    /// <summary>A call that costs: one key over all its tries.</summary>
    private Task<TAnswer> SubmitAsync<TBody, TAnswer>(
        string path,
        TBody body,
        JsonTypeInfo<TBody> shape,
        JsonTypeInfo<Envelope<TAnswer>> answer,
        string? idempotencyKey,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        var key = idempotencyKey ?? Guid.NewGuid().ToString("N");
        return _transport.CallAsync(
            () =>
            {
                var request = Post(path, body, shape);
                request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
                if (_confirmedCredits is { } credits)
                {
                    request.Headers.TryAddWithoutValidation("Zoetrope-Confirm-Credits", credits.ToString(CultureInfo.InvariantCulture));
                }

                return request;
            },
            answer,
            cancellationToken);
    }

    private Task<TaskState> ReadAsync(string taskId, string query, CancellationToken cancellationToken) =>
        _transport.CallAsync(
            () => new HttpRequestMessage(HttpMethod.Get, $"api/v1/tasks/{Uri.EscapeDataString(taskId)}{query}"),
            ClientJson.Default.EnvelopeTaskState,
            cancellationToken);
}
