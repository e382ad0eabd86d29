using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Bfl;

/// <summary>
/// Black Forest Labs: FLUX.2 and FLUX 3. Every submit is a job that is read at the <c>polling_url</c> it answers with, for the
/// global host hands jobs to clusters that do not know each other's.
/// Evidence class E: the vendor has no idempotency key, no list of jobs and no id of ours. A webhook would not raise it to D: FLUX 3
/// has no such field, an answer to a submit with one names no polling URL (then the global host may ask the wrong cluster), and how
/// calls are signed is not documented. So jobs are polled and no webhook is asked for.
/// </summary>
internal sealed class BflAdapter(ProviderTools tools) : IProviderAdapter, IModelPublisher
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "bfl",
        Title = "Black Forest Labs",
        BaseUrl = new Uri("https://api.bfl.ai/"),
        KeyVariables = ["BFL_API_KEY"],

        // 20 MB of base64 and, for FLUX 3, 16 megapixels.
        Inputs = new InputForm { MaxImageBytes = 15_000_000, MaxImageSide = 4_000 },
    };

    private const int MostRedirects = 2;
    private static readonly TimeSpan LookAgainAtImage = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookAgainAtVideo = TimeSpan.FromSeconds(5);
    private readonly VendorClient _client = tools.ClientFor(url => BflWire.MayCarryKey(tools.BaseUrl, url));

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.None;

    public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => body.File(input));

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        _client.SubmitAsync(
            () =>
            {
                var call = Call(HttpMethod.Post, new Uri(tools.BaseUrl, $"v1/{prepared.Model}"), request.Key);
                call.Content = prepared.Body.ToContent();
                return Task.FromResult<Outgoing>(call);
            },
            answer => BflWire.ReadSubmit(answer, tools.BaseUrl, tools.Time.GetUtcNow(), LookAgain(request)),
            answer => BflWire.ReadRefusal(answer) ?? BflWire.NotNow(answer),
            cancellationToken);

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        var job = BflWire.ReadHandle(providerTaskId);
        var target = job.PollingUrl;
        for (var hop = 0; hop <= MostRedirects; hop++)
        {
            Uri? moved = null;
            var result = await _client.PollAsync(
                Call(HttpMethod.Get, target, request.Key),
                answer =>
                {
                    moved = BflWire.Moved(answer, target, tools.BaseUrl);
                    return moved is null ? BflWire.ReadPoll(answer, tools.Time.GetUtcNow() - job.AcceptedAt, LookAgain(request)) : null;
                },
                cancellationToken);
            if (moved is null)
            {
                return result;
            }

            target = moved;
        }

        return new PollResult.Unreadable("redirected too often");
    }

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<LookupResult>(new LookupResult.Impossible("Black Forest Labs cannot list jobs and does not store our ids."));

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        _client.CheckAsync(Call(HttpMethod.Get, new Uri(tools.BaseUrl, "v1/credits"), key), BflWire.ReadCredits, cancellationToken);

    /// <summary>One public document describes all models.</summary>
    public Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken) =>
        PublishedModel.AskAsync(
            _client,
            new HttpRequestMessage(HttpMethod.Get, new Uri(tools.BaseUrl, "openapi.json")),
            answer => answer.Json.At("paths") is null ? null
                : PublishedSchema.OfPost(answer.Json, $"/v1/{model}") is { } input ? new PublishedModel.Known(input)
                : new PublishedModel.Gone("It is not in the list of endpoints."),
            cancellationToken);

    /// <summary>There is no cancel: a job runs to its end and is billed.</summary>
    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(CancelResult.Refused);

    private static TimeSpan LookAgain(ProviderRequest request) =>
        request.Output.Media == MediaType.Video ? LookAgainAtVideo : LookAgainAtImage;

    private static HttpRequestMessage Call(HttpMethod method, Uri url, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, url);
        call.Headers.TryAddWithoutValidation("x-key", key.Secret);
        return call;
    }
}
