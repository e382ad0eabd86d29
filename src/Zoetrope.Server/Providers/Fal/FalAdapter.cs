using System.Net.Http.Headers;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Fal;

/// <summary>
/// fal.ai's queue. One adapter for all its models: their fields are the catalogue's. fal accepts no id of ours and lists nothing,
/// so a lost answer is found out only by the webhook of that very job (class D); without a public address of this server
/// nothing can be found out (class E), and the attempt stays unknown.
/// </summary>
internal sealed class FalAdapter(ProviderTools tools, FalOptions options) : IProviderAdapter, ICallbackReader, IModelPublisher
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "fal",
        Title = "fal.ai",
        BaseUrl = new Uri("https://queue.fal.run/"),
        KeyVariables = ["FAL_KEY"],
        Extras = [new RouteExtra(FalWire.QueuePathExtra)],
    };

    private readonly FalFiles _files = new(tools.ClientFor(RestUri(tools, options)), tools.Egress, RestUri(tools, options));
    private readonly FalWebhooks _webhooks = new(tools.ClientFor(RestUri(tools, options)), RestUri(tools, options), tools.Time);

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.CallsBack;

    public PreparedSubmit Prepare(ProviderRequest request) => FalWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        tools.Client.SubmitAsync(
            async () =>
            {
                if (await _files.PlaceAsync(request, prepared.Body, cancellationToken) is { } refused)
                {
                    return refused;
                }

                var call = Call(HttpMethod.Post, FalWire.SubmitUrl(tools.BaseUrl, prepared.Model, request.CallbackUrl), request.Key);
                call.Content = prepared.Body.ToContent();

                // The result is copied at once. Storing of payloads stays on: without it fal forgets a result within minutes.
                call.Headers.Add("X-Fal-Object-Lifecycle-Preference", FalFiles.Lifecycle);
                return call;
            },
            answer => FalWire.Accepted(answer, tools.BaseUrl, PollAfter(request)),
            FalWire.Refusal,
            cancellationToken);

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        if (FalWire.JobUrl(tools.BaseUrl, request.Route, providerTaskId) is not { } job)
        {
            return NoJob(providerTaskId);
        }

        var completed = false;
        var status = await tools.Client.PollAsync(
            Call(HttpMethod.Get, Below(job, "status"), request.Key),
            answer =>
            {
                completed = FalWire.IsCompleted(answer);
                return FalWire.Status(answer, PollAfter(request));
            },
            cancellationToken);
        return completed
            ? await tools.Client.PollAsync(
                Call(HttpMethod.Get, job, request.Key), answer => FalWire.Result(answer, PollAfter(request)), cancellationToken)
            : status;
    }

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) => Task.FromResult<LookupResult>(
        request.CallbackUrl is null
            ? new LookupResult.Impossible("fal reports a lost request only through a webhook, and this server has no public URL")
            : new LookupResult.Undecided("fal's webhook has not arrived yet"));

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        FalWire.JobUrl(tools.BaseUrl, request.Route, providerTaskId) is { } job
            ? tools.Client.CancelAsync(Call(HttpMethod.Put, Below(job, "cancel"), request.Key), FalWire.Canceled, cancellationToken)
            : Task.FromResult(CancelResult.Refused);

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => _files.CheckAsync(key, cancellationToken);

    /// <summary>fal publishes a document for each model, to everybody: no key is sent.</summary>
    public Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken) =>
        PublishedModel.AskAsync(
            tools.ClientFor(options.ToSchemaUri()),
            new HttpRequestMessage(HttpMethod.Get, FalWire.SchemaUrl(options.ToSchemaUri(), model)),
            answer => PublishedSchema.OfPost(answer.Json, $"/{model}") is { } input ? new PublishedModel.Known(input) : null,
            cancellationToken);

    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        _webhooks.ReadAsync(call, cancellationToken);

    private static Uri RestUri(ProviderTools tools, FalOptions options) => options.RestUri(tools.Options.BaseUrl, tools.BaseUrl);

    private static HttpRequestMessage Call(HttpMethod method, Uri url, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, url);
        call.Headers.Authorization = new AuthenticationHeaderValue("Key", key.Secret);
        return call;
    }

    private static Uri Below(Uri job, string path) => new(job.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + path);

    private static TimeSpan PollAfter(ProviderRequest request) => TimeSpan.FromSeconds(request.Output.Media is MediaType.Video ? 5 : 1);

    private static PollResult.Failed NoJob(string handle) =>
        new(new ProviderError(ProviderErrorKind.Expired, "no_request", $"'{handle}' is not a fal request."));
}
