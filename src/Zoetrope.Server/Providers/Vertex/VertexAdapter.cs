using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;
using Zoetrope.Server.Providers.Google;

namespace Zoetrope.Server.Providers.Vertex;

/// <summary>
/// Veo and Gemini's pictures on Vertex AI. Evidence of Veo: nothing (E), because a start takes no idempotency key or id of ours and
/// operations cannot be listed; with a folder in Cloud Storage every attempt writes to its own sub-folder, and then a lost job is
/// found by its file (B). Of a start's 5xx only Google's own UNAVAILABLE proves that nothing was started, and Google has no call to
/// stop an operation. The answer to the submit of a picture is the picture.
/// </summary>
internal sealed partial class VertexAdapter : IProviderAdapter
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "vertex",
        Title = "Google Vertex AI",
        BaseUrl = new Uri("https://aiplatform.googleapis.com/"),
        KeyVariables = ["GOOGLE_APPLICATION_CREDENTIALS"],
        KeyIsFile = true,

        // Fourteen of these in base64 stay below what one request may have.
        Inputs = new InputForm { ImageTypes = ["image/jpeg", "image/png"], MaxImageBytes = 5_000_000 },
    };

    private readonly ProviderTools _tools;
    private readonly VertexOptions _options;
    private readonly VertexFolder? _folder;
    private readonly Uri _base;
    private readonly Uri _pictures;
    private readonly Uri _storage;
    private readonly VendorClient _client;
    private readonly VertexTokens _tokens;

    /// <exception cref="InvalidOperationException">A setting cannot be used.</exception>
    public VertexAdapter(ProviderTools tools, VertexOptions options)
    {
        CheckLocation(options.Location, "Location", "us-central1");
        CheckLocation(options.PictureLocation, "PictureLocation", "global");

        if (JsonReading.AsUrl(options.StorageUrl.TrimEnd('/') + "/") is not { } storage)
        {
            throw new InvalidOperationException(
                $"Zoetrope__Vertex__StorageUrl is '{options.StorageUrl}'. Set it to a URL such as "
                + "https://storage.googleapis.com/.");
        }

        _tools = tools;
        _options = options;
        _folder = VertexFolder.Parse(options.StorageUri);
        _base = BaseOf(options.Location);
        _pictures = BaseOf(options.PictureLocation);
        _storage = storage;
        _client = tools.ClientFor(_base, _pictures, _storage);
        _tokens = new VertexTokens(_base, tools.Egress, tools.Time);
    }

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => _folder is null ? EvidenceClass.None : EvidenceClass.QueryByOurId;

    public PreparedSubmit Prepare(ProviderRequest request) =>
        IsVideo(request) ? VertexWire.Prepare(request, _folder) : PictureWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        _client.SubmitAsync(
            async () =>
            {
                var (access, denied) = await AccessAsync(request.Key, cancellationToken);
                return access is null ? denied!
                    : IsVideo(request)
                        ? Call(_base, VertexWire.SubmitPath(ProjectOf(access), _options.Location, prepared.Model), prepared.Body, access)
                    : Call(
                        _pictures,
                        VertexWire.PicturePath(ProjectOf(access), _options.PictureLocation, prepared.Model),
                        prepared.Body,
                        access);
            },
            answer => IsVideo(request)
                ? VertexWire.ReadSubmit(answer)
                : PictureWire.Read(answer, request.AttemptId, _tools.Shelf),
            answer => Refusal(answer, request.Key),
            cancellationToken,
            filesInside: !IsVideo(request));

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        if (!IsVideo(request))
        {
            return PictureWire.Poll(request.AttemptId, _tools.Shelf);
        }

        var (access, denied) = await AccessAsync(request.Key, cancellationToken);
        if (access is null)
        {
            return new PollResult.Unreadable(denied!.VendorMessage);
        }

        if (VertexWire.PollPath(providerTaskId) is { } path)
        {
            return await _client.PollAsync(
                Call(_base, path, VertexWire.Poll(providerTaskId), access),
                answer => Seen(answer, request.Key, VertexWire.ReadPoll(answer, _tools.Shelf, address => Stored(address, access))),
                cancellationToken,
                filesInside: true);
        }

        // The handle of a job that was found by its file.
        return _folder is not null && providerTaskId == _folder.Of(request.AttemptId)
            ? await _client.PollAsync(
                List(providerTaskId, access), answer => Seen(answer, request.Key, Listed(answer, access)), cancellationToken)
            : new PollResult.Failed(
                new ProviderError(ProviderErrorKind.Expired, "handle", $"'{providerTaskId}' is not a Vertex AI operation."));
    }

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        if (!IsVideo(request))
        {
            return PictureWire.Lookup(request.AttemptId, _tools.Shelf);
        }

        if (_folder is null)
        {
            return new LookupResult.Impossible(
                "Vertex AI cannot list operations; with Zoetrope__Vertex__StorageUri set, a lost one could be found by its file");
        }

        var (access, denied) = await AccessAsync(request.Key, cancellationToken);
        if (access is null)
        {
            return new LookupResult.Undecided(denied!.VendorMessage);
        }

        // A file proves the job; no file proves nothing, it may still be in the making.
        var handle = _folder.Of(request.AttemptId);
        return await _client.LookupAsync(
            List(handle, access),
            answer =>
                answer.IsSuccess && VertexWire.ReadListing(answer, _folder, address => Stored(address, access)).Count > 0
                    ? new LookupResult.Found(handle)
                    : null,
            cancellationToken);
    }

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(CancelResult.Refused);

    public async Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        var (access, denied) = await AccessAsync(key, cancellationToken);
        return access is not null ? new CheckResult.Proven(
            $"{access.Email} has a token for project {ProjectOf(access)} in {_options.Location}; the first "
            + "task shows whether it may use the model")
            : denied!.Kind is ProviderErrorKind.Unavailable ? new CheckResult.Unreachable(denied.VendorMessage)
            : new CheckResult.Rejected(denied);
    }

    private static bool IsVideo(ProviderRequest request) => request.Output.Media is MediaType.Video;

    private static void CheckLocation(string location, string setting, string example)
    {
        if (!Word().IsMatch(location))
        {
            throw new InvalidOperationException(
                $"Zoetrope__Vertex__{setting} is '{location}'. Set it to a region such as {example}.");
        }
    }

    private Uri BaseOf(string location) =>
        _tools.Options.BaseUrl.Length > 0 ? _tools.BaseUrl : VertexWire.BaseUrl(location);

    private async Task<(VertexAccess.Granted? Access, ProviderError? Denied)> AccessAsync(
        ProviderKey key, CancellationToken cancellationToken) => await _tokens.GetAsync(key, cancellationToken) switch
    {
        VertexAccess.Granted granted when Word().IsMatch(ProjectOf(granted)) => (granted, null),
        VertexAccess.Granted =>
            (null, new ProviderError(
                ProviderErrorKind.Auth,
                "project",
                "No project is known: the key file names none, and Zoetrope__Vertex__Project is empty or not a project id.")),
        VertexAccess.Denied denied => (null, denied.Error),
        var other => throw new InvalidOperationException($"Unknown access {other}."),
    };

    private string ProjectOf(VertexAccess.Granted access) => _options.Project.Length > 0 ? _options.Project : access.Project;

    private ProviderError? Refusal(VendorAnswer answer, ProviderKey key)
    {
        ForgetRefusedToken(answer, key);
        return GoogleErrors.Refusal(answer);
    }

    private PollResult? Seen(VendorAnswer answer, ProviderKey key, PollResult? result)
    {
        ForgetRefusedToken(answer, key);
        return result;
    }

    private void ForgetRefusedToken(VendorAnswer answer, ProviderKey key)
    {
        if (answer.Status == 401)
        {
            _tokens.Forget(key);
        }
    }

    private PollResult? Listed(VendorAnswer answer, VertexAccess.Granted access)
    {
        if (!answer.IsSuccess)
        {
            return null;
        }

        var files = VertexWire.ReadListing(answer, _folder!, address => Stored(address, access));
        return files.Count > 0
            ? new PollResult.Succeeded(files)
            : new PollResult.Failed(new ProviderError(ProviderErrorKind.Expired, "deleted", "The file was deleted from Cloud Storage."));
    }

    private ProviderOutput? Stored(string address, VertexAccess.Granted access) => VertexFolder.Split(address) is { } file
        ? new ProviderOutput(
            new Uri(_storage, $"storage/v1/b/{Uri.EscapeDataString(file.Bucket)}/o/{Uri.EscapeDataString(file.Name)}?alt=media"),
            null,
            [KeyValuePair.Create("Authorization", $"Bearer {access.Token}")])
        : null;

    private HttpRequestMessage List(string folder, VertexAccess.Granted access)
    {
        var (bucket, prefix) = VertexFolder.Split(folder)!.Value;
        return Authorized(
            new HttpRequestMessage(
                HttpMethod.Get, new Uri(_storage, $"storage/v1/b/{Uri.EscapeDataString(bucket)}/o?prefix={Uri.EscapeDataString(prefix)}")),
            access);
    }

    private static HttpRequestMessage Call(Uri baseUrl, string path, VendorBody body, VertexAccess.Granted access) =>
        Authorized(new HttpRequestMessage(HttpMethod.Post, new Uri(baseUrl, path)) { Content = body.ToContent() }, access);

    private static HttpRequestMessage Authorized(HttpRequestMessage message, VertexAccess.Granted access)
    {
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", access.Token);
        return message;
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.:_-]*$")]
    private static partial Regex Word();
}
