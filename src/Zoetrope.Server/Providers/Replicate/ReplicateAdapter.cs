using System.Net.Http.Headers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>
/// Replicate's predictions of official models. There is no idempotency key, but predictions are listed with the input they were
/// given (class C): a lost one is the only listed one of our model, our time and exactly our input that no other attempt has.
/// Where the model takes a seed and the client gave none, the input is unique; otherwise no other attempt without an answer may
/// have asked for the same.
/// </summary>
internal sealed class ReplicateAdapter(ProviderTools tools) : IProviderAdapter, ICallbackReader, IModelPublisher, IJobLister
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "replicate",
        Title = "Replicate",
        BaseUrl = new Uri("https://api.replicate.com/v1/"),
        KeyVariables = ["REPLICATE_API_TOKEN"],
    };

    private const int MostPages = 10;
    private const int MostListed = 200;

    /// <summary>Replicate ends runs after 30 minutes; a prediction that nobody wants any more must not begin later.</summary>
    private const string CancelAfter = "30m";

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    /// <summary>A submit that is still on its way, or not listed yet, is not absent.</summary>
    private static readonly TimeSpan ListedWithin = TimeSpan.FromSeconds(60);

    private readonly ReplicateFiles _files = new(tools.Client, tools.BaseUrl);
    private readonly ReplicateWebhooks _webhooks = new(
        tools.Client, tools.BaseUrl, ProviderGate.ReadKeys(tools.Options.ApiKey), tools.Time);

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.ListsRecent;

    public PreparedSubmit Prepare(ProviderRequest request) => ReplicateWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        tools.Client.SubmitAsync(
            async () =>
            {
                if (await _files.PlaceAsync(request, prepared.Body, cancellationToken) is { } refused)
                {
                    return refused;
                }

                var call = Call(HttpMethod.Post, new Uri(tools.BaseUrl, $"models/{prepared.Model}/predictions"), request.Key);
                call.Content = prepared.Body.ToContent();
                call.Headers.Add("Cancel-After", CancelAfter);
                return call;
            },
            answer => ReplicateWire.Accepted(answer, PollAfter(request)),
            answer => ReplicateWire.Refusal(answer) ?? ReplicateWire.NotNow(answer),
            cancellationToken);

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        tools.Client.PollAsync(
            Call(HttpMethod.Get, Prediction(providerTaskId), request.Key),
            answer => ReplicateWire.Prediction(answer, PollAfter(request)),
            cancellationToken);

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        var asked = Prepare(request);
        var since = request.IntendedAt - ClockSkew;
        var found = new HashSet<string>(StringComparer.Ordinal);
        var complete = false;
        var page = new Uri(tools.BaseUrl, "predictions");
        for (var pages = 0; !complete; pages++)
        {
            if (pages == MostPages)
            {
                return new LookupResult.Undecided($"More than {MostPages} pages of predictions are newer than the attempt.");
            }

            var answer = await tools.Client.SendAsync(Call(HttpMethod.Get, page, request.Key), cancellationToken);
            if (!answer.IsSuccess || answer.Json.At("results") is null)
            {
                return new LookupResult.Undecided($"HTTP {answer.Status}: {answer.Text}");
            }

            var listed = answer.Json.ItemsAt("results").ToList();
            var taken = await request.Own.TakenAsync([.. listed.Select(ReplicateWire.IdOf).OfType<string>()]);
            foreach (var prediction in listed)
            {
                if (ReplicateWire.TimeAt(prediction, "created_at") < since)
                {
                    complete = true;
                    break;
                }

                var id = ReplicateWire.IdOf(prediction);
                if (id is null || taken.Contains(id))
                {
                    continue;
                }

                switch (ReplicateWire.IsSame(prediction, asked, request.CallbackUrl))
                {
                    case true:
                        found.Add(id);
                        break;
                    case null:
                        return new LookupResult.Undecided($"The input of prediction {id} has already been erased.");
                }
            }

            if (answer.Json.UrlAt("next") is { } next)
            {
                page = next;
            }
            else
            {
                complete = true;
            }
        }

        return await VerdictAsync(request, found);
    }

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        tools.Client.CancelAsync(
            Call(HttpMethod.Post, new Uri(Prediction(providerTaskId) + "/cancel"), request.Key), ReplicateWire.Canceled, cancellationToken);

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => tools.Client.CheckAsync(
        Call(HttpMethod.Get, new Uri(tools.BaseUrl, "account"), key),
        static answer => answer.IsSuccess && answer.Json.TextAt("username") is { } name ? new CheckResult.Proven($"account {name}")
            : !answer.IsSuccess && ReplicateWire.Refusal(answer) is { } error ? new CheckResult.Rejected(error)
            : null,
        cancellationToken);

    public Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken) =>
        PublishedModel.AskAsync(
            tools.Client,
            Call(HttpMethod.Get, new Uri(tools.BaseUrl, $"models/{model}"), key),
            static answer => answer.Json.TextAt("name") is null ? null : new PublishedModel.Known(
                answer.Json.At("latest_version", "openapi_schema") is { } document ? PublishedSchema.Named(document, "Input") : null),
            cancellationToken);

    public bool Lists(string providerTaskId) => true;

    public async Task<JobList> ListJobsAsync(ProviderKey key, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var jobs = new List<ListedJob>();
        var page = new Uri(tools.BaseUrl, "predictions");
        for (var pages = 0; pages < MostListed; pages++)
        {
            var answer = await tools.Client.SendAsync(Call(HttpMethod.Get, page, key), cancellationToken);
            if (!answer.IsSuccess || answer.Json.At("results") is null)
            {
                throw new IOException($"HTTP {answer.Status}: {answer.Text}");
            }

            foreach (var prediction in answer.Json.ItemsAt("results"))
            {
                if (ReplicateWire.Listed(prediction) is not { } job)
                {
                    continue;
                }

                if (job.CreatedAt < since)
                {
                    return new JobList(jobs, IsComplete: true);
                }

                jobs.Add(job);
            }

            if (answer.Json.UrlAt("next") is not { } next)
            {
                return new JobList(jobs, IsComplete: true);
            }

            page = next;
        }

        return new JobList(jobs, IsComplete: false);
    }

    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        _webhooks.ReadAsync(call, cancellationToken);

    private async Task<LookupResult> VerdictAsync(ProviderRequest request, HashSet<string> found)
    {
        if (found.Count == 0)
        {
            return tools.Time.GetUtcNow() - request.IntendedAt < ListedWithin
                ? new LookupResult.Undecided("The prediction is not listed yet.")
                : new LookupResult.Absent();
        }

        if (found.Count > 1)
        {
            return new LookupResult.Undecided($"{found.Count} predictions have exactly this input, and nothing shows which one is ours.");
        }

        return ReplicateWire.IsUnique(request) || await request.Own.IsOnlyAsync()
            ? new LookupResult.Found(found.Single())
            : new LookupResult.Undecided("A prediction has exactly this input, but it may belong to another attempt.");
    }

    private Uri Prediction(string id) => new(tools.BaseUrl, $"predictions/{Uri.EscapeDataString(id)}");

    private static HttpRequestMessage Call(HttpMethod method, Uri url, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, url);
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return call;
    }

    private static TimeSpan PollAfter(ProviderRequest request) => TimeSpan.FromSeconds(request.Output.Media is MediaType.Video ? 5 : 1);
}
