using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.OpenAi;

/// <summary>
/// OpenAI's images, and every server that speaks the same protocol at a configured base URL. One call answers with the picture
/// itself, so a job has no life at the vendor: what a handle names is on our shelf, or at a URL where such a server gives one.
/// Evidence class E: the vendor has no idempotency key and no list. Only a result that reached the shelf before a crash is found again.
/// </summary>
internal sealed class OpenAiAdapter(ProviderTools tools) : IProviderAdapter, IModelPublisher
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "openai",
        Title = "OpenAI",
        BaseUrl = new Uri("https://api.openai.com/v1/"),
        KeyVariables = ["OPENAI_API_KEY"],
        Extras = [new RouteExtra(PathExtra)],
        Inputs = new InputForm { MaxImageBytes = 50_000_000 },
    };

    /// <summary>The handle of a job that was answered, and billed, without a picture.</summary>
    private const string Empty = "empty";

    /// <summary>The path of an endpoint, where it is not the one that the inputs suggest.</summary>
    private const string PathExtra = "path";

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.None;

    public PreparedSubmit Prepare(ProviderRequest request) => OpenAiWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        tools.Client.SubmitAsync(
            () =>
            {
                var edits = request.Inputs.Count > 0;
                var path = request.Route.ExtraText(PathExtra) ?? (edits ? "images/edits" : "images/generations");
                var call = Call(HttpMethod.Post, path.TrimStart('/'), request.Key);
                call.Content = edits ? OpenAiWire.Form(request, prepared) : prepared.Body.ToContent();
                return Task.FromResult<Outgoing>(call);
            },
            answer => Read(request, answer),
            answer => OpenAiWire.ReadRefusal(answer) ?? OpenAiWire.NotNow(answer),
            cancellationToken,
            filesInside: true);

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        PollResult result = JsonReading.AsUrl(providerTaskId) is { } url ? new PollResult.Succeeded([new ProviderOutput(url, null)])
            : tools.Shelf.Find(request.AttemptId) is { } outputs ? new PollResult.Succeeded(outputs)
            : new PollResult.Failed(new ProviderError(
                ProviderErrorKind.BadOutput,
                "no_image",
                providerTaskId == Empty
                    ? "The answer contained no image."
                    : "The image was sent to a server process that no longer exists.",
                Charged: true));
        return Task.FromResult(result);
    }

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) => Task.FromResult<LookupResult>(
        tools.Shelf.Find(request.AttemptId) is not null
            ? new LookupResult.Found(request.AttemptId)
            : new LookupResult.Impossible("The images API keeps no record of past requests."));

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        tools.Client.CheckAsync(Call(HttpMethod.Get, "models", key), OpenAiWire.ReadModels, cancellationToken);

    /// <summary>OpenAI publishes the model's name and the day of its end.</summary>
    public Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken) =>
        PublishedModel.AskAsync(
            tools.Client,
            Call(HttpMethod.Get, $"models/{Uri.EscapeDataString(model)}", key),
            static answer => answer.Json.TextAt("id") is null
                ? null
                : new PublishedModel.Known(Input: null, answer.Json.DayAt("shutdown_date")),
            cancellationToken);

    /// <summary>Ending the call ends the delivery, not the work or its bill.</summary>
    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(CancelResult.Refused);

    private SubmitResult? Read(ProviderRequest request, VendorAnswer answer)
    {
        var requestId = answer.Header("x-request-id");
        if (answer.Json.At("data") is null)
        {
            return null;
        }

        var image = answer.Json.ItemsAt("data").FirstOrDefault();
        if (tools.Shelf.Receive(answer, image.TextAt("b64_json")) is { } file)
        {
            return new SubmitResult.Completed(request.AttemptId, tools.Shelf.Keep(request.AttemptId, [file]), requestId);
        }

        return image.UrlAt("url") is { } url
            ? new SubmitResult.Completed(url.AbsoluteUri, [new ProviderOutput(url, null)], requestId)
            : new SubmitResult.Accepted(Empty, TimeSpan.Zero, requestId);
    }

    private HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(tools.BaseUrl, path));
        call.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key.Secret}");
        return call;
    }
}
