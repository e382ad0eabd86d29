using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Server.Providers.Gemini;

/// <summary>
/// The Gemini API: pictures by <c>generateContent</c>, which answers with the file itself, and video by background interactions.
/// Evidence: nothing (E). Neither accepts a key of ours or can be listed, so a lost answer stays lost, unless this node had
/// already put the picture on its shelf.
/// </summary>
internal sealed class GeminiAdapter(ProviderTools tools) : IProviderAdapter, IModelPublisher
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "gemini",
        Title = "Google Gemini API",
        BaseUrl = new Uri("https://generativelanguage.googleapis.com/"),
        KeyVariables = ["GEMINI_API_KEY"],

        // Fourteen of these in base64 stay below the 100 MB that a request may have.
        Inputs = new InputForm { MaxImageBytes = 5_000_000 },
    };

    private const string KeyHeader = "x-goog-api-key";

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.None;

    public PreparedSubmit Prepare(ProviderRequest request) =>
        IsVideo(request) ? GeminiVideoWire.Prepare(request) : PictureWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        if (IsVideo(request))
        {
            return tools.Client.SubmitAsync(
                () => Task.FromResult<Outgoing>(Interaction(HttpMethod.Post, GeminiVideoWire.SubmitPath, request.Key, prepared.Body)),
                GeminiVideoWire.ReadSubmit,
                GoogleErrors.Refusal,
                cancellationToken);
        }

        return tools.Client.SubmitAsync(
            () => Task.FromResult<Outgoing>(
                Call(HttpMethod.Post, $"v1beta/{PictureWire.Method(prepared.Model)}", request.Key, prepared.Body)),
            answer => PictureWire.Read(answer, request.AttemptId, tools.Shelf),
            GoogleErrors.Refusal,
            cancellationToken,
            filesInside: true);
    }

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        if (!IsVideo(request))
        {
            return PictureWire.Poll(request.AttemptId, tools.Shelf);
        }

        string? fileId = null;
        var seen = await tools.Client.PollAsync(
            Interaction(HttpMethod.Get, GeminiVideoWire.Path(providerTaskId), request.Key),
            answer =>
                GeminiVideoWire.Read(
                    answer,
                    data => new ProviderOutput(null, InlineMedia.PathOf(answer, data, tools.Shelf)),
                    id => Download(fileId = id, request.Key)),
            cancellationToken,
            filesInside: true);
        return seen is PollResult.Succeeded ready && fileId is not null
            ? await tools.Client.PollAsync(
                Call(HttpMethod.Get, $"v1beta/files/{fileId}", request.Key),
                answer => GeminiVideoWire.ReadFile(answer, ready),
                cancellationToken)
            : seen;
    }

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(IsVideo(request)
            ? new LookupResult.Impossible("the Gemini API can look up neither our ids nor recent jobs")
            : PictureWire.Lookup(request.AttemptId, tools.Shelf));

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        IsVideo(request)
        ? tools.Client.CancelAsync(
            Interaction(HttpMethod.Post, GeminiVideoWire.Path(providerTaskId) + "/cancel", request.Key),
            answer => answer.IsSuccess ? (answer.Json.TextAt("status") == "cancelled" ? CancelResult.Confirmed : CancelResult.Refused)
                : answer.Status is >= 400 and < 500 and not 429 ? CancelResult.Refused
                : null,
            cancellationToken)
        : Task.FromResult(CancelResult.Refused);

    /// <summary>Lists one model: free, and refused without a good key.</summary>
    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => tools.Client.CheckAsync(
        Call(HttpMethod.Get, "v1beta/models?pageSize=1", key),
        answer => answer.IsSuccess ? new CheckResult.Proven("the key may list models")
            : GoogleErrors.Read(answer) is { } error ? new CheckResult.Rejected(error)
            : null,
        cancellationToken);

    /// <summary>Google publishes the model's name and neither its fields nor its end.</summary>
    public Task<PublishedModel> ReadModelAsync(string model, ProviderKey key, CancellationToken cancellationToken) =>
        PublishedModel.AskAsync(
            tools.Client,
            Call(HttpMethod.Get, $"v1beta/models/{Uri.EscapeDataString(model)}", key),
            static answer => answer.Json.TextAt("name") is null ? null : new PublishedModel.Known(Input: null),
            cancellationToken);

    private static bool IsVideo(ProviderRequest request) => request.Output.Media is MediaType.Video;

    private ProviderOutput Download(string fileId, ProviderKey key) =>
        new(new Uri(tools.BaseUrl, $"v1beta/files/{fileId}:download?alt=media"), null, [KeyValuePair.Create(KeyHeader, key.Secret)]);

    private HttpRequestMessage Interaction(HttpMethod method, string path, ProviderKey key, VendorBody? body = null)
    {
        var call = Call(method, path, key, body);
        call.Headers.Add("Api-Revision", GeminiVideoWire.Revision);
        return call;
    }

    private HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key, VendorBody? body = null)
    {
        var call = new HttpRequestMessage(method, new Uri(tools.BaseUrl, path)) { Content = body?.ToContent() };
        call.Headers.Add(KeyHeader, key.Secret);
        return call;
    }
}
