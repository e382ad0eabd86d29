using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.VicSee;

/// <summary>
/// VicSee, or another Zoetrope, as an upstream: models, parameters and errors have our own names.
/// Evidence: a Zoetrope honours an Idempotency-Key (A), VicSee documents none, lists no tasks and calls nobody back (E). The
/// host tells which is expected; before a submit is sent again the upstream has to prove that it reads the header, by a
/// request that can never become a task. A wrong belief would be paid twice, so anything but that proof means: never again.
/// </summary>
internal sealed class VicSeeAdapter : IProviderAdapter
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "vicsee",
        Title = "VicSee",
        BaseUrl = new Uri("https://vicsee.com/api/v1/"),
        KeyVariables = ["VICSEE_API_KEY"],
        Inputs = new InputForm { MaxImageBytes = 20 * 1024 * 1024 },
    };

    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>One more than a Zoetrope accepts.</summary>
    private const int RefusedKeyLength = 256;

    /// <summary>A key that the upstream has forgotten buys again. It keeps them for 48 hours unless its operator set less.</summary>
    private static readonly TimeSpan KeysKept = TimeSpan.FromHours(6);
    private static readonly TimeSpan ImagePoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan VideoPoll = TimeSpan.FromSeconds(5);
    private readonly ProviderTools _tools;
    private readonly Uri _root;
    private readonly VicSeeFiles _files;

    public VicSeeAdapter(ProviderTools tools)
    {
        (_tools, _root) = (tools, VicSeeWire.Root(tools.BaseUrl));
        _files = new VicSeeFiles(tools, (method, path, key) => Call(method, path, key));
    }

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => VicSeeWire.IsVicSee(_tools.BaseUrl) ? EvidenceClass.None : EvidenceClass.IdempotencyKey;

    public PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.DataUri(input), modelField: "model");
        prepared.Body.Json["input"] ??= new JsonObject();
        return prepared;
    }

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        _tools.Client.SubmitAsync(
            async () =>
            {
                if (await _files.PlaceAsync(request, prepared.Body, cancellationToken) is { } refused)
                {
                    return refused;
                }

                var call = Call(HttpMethod.Post, "generate", request.Key);
                call.Headers.Add(IdempotencyKey, request.AttemptId);
                call.Content = prepared.Body.ToContent();
                return call;
            },
            answer => VicSeeWire.TaskId(answer) is { } id ? new SubmitResult.Accepted(id, PollAfter(request)) : null,
            VicSeeWire.Refusal,
            cancellationToken);

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        _tools.Client.PollAsync(
            Call(HttpMethod.Get, $"tasks/{Uri.EscapeDataString(providerTaskId)}", request.Key),
            answer => VicSeeWire.Task(answer, PollAfter(request)),
            cancellationToken);

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        if (Evidence is EvidenceClass.None)
        {
            return new LookupResult.Impossible("VicSee cannot look up a task without its id.");
        }

        if (_tools.Time.GetUtcNow() - request.IntendedAt > KeysKept)
        {
            return new LookupResult.Impossible("The submit was so long ago that the upstream may have forgotten its Idempotency-Key.");
        }

        switch (await ReadsIdempotencyKeysAsync(request.Key, cancellationToken))
        {
            case null:
                return new LookupResult.Undecided("the upstream did not say whether it supports Idempotency-Key");
            case false:
                return new LookupResult.Impossible("The upstream does not support Idempotency-Key.");
        }

        return await SubmitAsync(request, Prepare(request), cancellationToken) switch
        {
            SubmitResult.Accepted accepted => new LookupResult.Found(accepted.ProviderTaskId),

            // The same key with other upload URLs: the task exists, but its id cannot be read.
            SubmitResult.Refused { Error.VendorCode: "IDEMPOTENCY_MISMATCH" } =>
                new LookupResult.Impossible(
                    "The upstream has the task but does not return its id, because the files now have new URLs."),

            // A key that had made a task would have been answered with it before anything could be refused.
            SubmitResult.Refused
            {
                Error.Kind: ProviderErrorKind.InvalidInput or ProviderErrorKind.ContentRefused or ProviderErrorKind.QuotaExhausted,
            } => new LookupResult.Absent(),
            SubmitResult.Refused refused => new LookupResult.Undecided(refused.Error.VendorMessage),
            SubmitResult.Unknown unknown => new LookupResult.Undecided(unknown.Reason),
            _ => new LookupResult.Undecided("no answer"),
        };
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => _tools.Client.CheckAsync(
        Call(HttpMethod.Get, "credits", key),
        answer => answer.IsSuccess && answer.Json.NumberAt("data", "credits") is { } credits ? new CheckResult.Proven($"{credits} credits")
            : VicSeeWire.Refusal(answer) is { } error ? new CheckResult.Rejected(error)
            : null,
        cancellationToken);

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        VicSeeWire.IsVicSee(_tools.BaseUrl)
        ? Task.FromResult(CancelResult.Refused)
        : _tools.Client.CancelAsync(
            Call(HttpMethod.Delete, $"tasks/{Uri.EscapeDataString(providerTaskId)}", request.Key), VicSeeWire.Canceled, cancellationToken);

    // A server that reads the header refuses the overlong key first; one that does not refuses the empty body.
    private async Task<bool?> ReadsIdempotencyKeysAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        var probe = Call(HttpMethod.Post, "generate", key);
        probe.Headers.Add(IdempotencyKey, new string('0', RefusedKeyLength));
        probe.Content = JsonContent.Create(new JsonObject());
        var answer = await _tools.Client.SendAsync(probe, cancellationToken);
        return answer.Status is 400 or 422 ? VicSeeWire.Code(answer) == "INVALID_IDEMPOTENCY_KEY" : null;
    }

    private static TimeSpan PollAfter(ProviderRequest request) => request.Output.Media is MediaType.Video ? VideoPoll : ImagePoll;

    private HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(_root, path));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return call;
    }
}
