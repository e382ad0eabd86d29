using System.Net.Http.Headers;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Ark;

/// <summary>
/// ByteDance's models at their maker, at BytePlus or at Volcengine as the base URL says: Seedance videos as tasks, Seedream
/// images in one call. Evidence of a lost video submit is class C, safely: each task carries our attempt id in the field that
/// the route's <c>jobTag</c> names (<c>safety_identifier</c>, which lists echo), and only a task with exactly this id is
/// adopted. Model and time are never enough, as the account may have other users. Not being listed proves nothing, because it
/// is not certain that every list echoes the field; then only the callback (class D) or the end of the window decides. An
/// image has no task at the vendor: its URLs live in the answer alone, so they are put on the shelf before anything else, and
/// into the handle. What is lost is only an answer that never arrived.
/// </summary>
internal sealed class ArkAdapter(ProviderTools tools) : IProviderAdapter, ICallbackReader, IJobLister
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "ark",
        Title = "Ark (BytePlus, Volcengine)",
        BaseUrl = new Uri("https://ark.ap-southeast.bytepluses.com/api/v3/"),
        KeyVariables = ["ARK_API_KEY"],
        Extras = [new RouteExtra(ArkWire.MainlandModel), new RouteExtra(ArkWire.JobTag)],
        Inputs = new InputForm
        {
            ImageTypes = ["image/jpeg", "image/png", "image/webp", "image/bmp", "image/tiff", "image/gif"],
            MaxImageBytes = 30_000_000,
            MaxImageSide = 6_000,
            UrlOnly = [InputKind.Video],
        },
    };

    private const int PageSize = 500;
    private const int LastPage = 10;

    /// <summary>The vendor allows one list a second.</summary>
    private static readonly TimeSpan BetweenLists = TimeSpan.FromMilliseconds(1_100);

    private readonly bool _mainland = ArkWire.IsMainland(tools.BaseUrl);

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.ListsRecent;

    public PreparedSubmit Prepare(ProviderRequest request) => ArkWire.Prepare(request, _mainland);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        var image = IsImage(request);
        return tools.Client.SubmitAsync(
            async () =>
            {
                if (await ArkFiles.PlaceAsync(request, prepared.Body) is { } refused)
                {
                    return refused;
                }

                var call = Call(HttpMethod.Post, image ? ArkWire.Images : ArkWire.Tasks, request.Key);
                call.Content = prepared.Body.ToContent();
                return call;
            },
            answer => image ? ReadImages(request, answer) : ArkWire.ReadCreated(answer),
            answer => ArkWire.Refusal(answer) ?? ArkWire.NotNow(answer),
            cancellationToken);
    }

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        ArkWire.ImagesOf(providerTaskId) is { } images
            ? Task.FromResult(images)
            : tools.Client.PollAsync(Call(HttpMethod.Get, ArkWire.Task(providerTaskId), request.Key), ArkWire.ReadTask, cancellationToken);

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        if (IsImage(request))
        {
            return Shelved(request.AttemptId) is { } handle
                ? new LookupResult.Found(handle)
                : new LookupResult.Impossible("an image is made within the call, and its answer is lost");
        }

        if (request.Route.ExtraText(ArkWire.JobTag) is not { } tag)
        {
            return request.CallbackUrl is null
                ? new LookupResult.Impossible("tasks carry no id of ours, and the vendor cannot call this server back")
                : new LookupResult.Undecided("waiting for the task's callback");
        }

        LookupResult result;
        var page = 0;
        int listed;
        do
        {
            if (++page > 1)
            {
                await Task.Delay(BetweenLists, tools.Time, cancellationToken);
            }

            listed = 0;
            result = await tools.Client.LookupAsync(
                Call(HttpMethod.Get, ArkWire.List(page, PageSize), request.Key),
                answer => ArkWire.FindTagged(answer, tag, request.AttemptId, out listed),
                cancellationToken);
        }
        while (result is LookupResult.Undecided && listed == PageSize && page < LastPage);

        return result;
    }

    // An image is made within its call and is no task.
    public bool Lists(string providerTaskId) => ArkWire.ImagesOf(providerTaskId) is null;

    public async Task<JobList> ListJobsAsync(ProviderKey key, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var jobs = new List<ListedJob>();
        for (var page = 1; page <= LastPage; page++)
        {
            if (page > 1)
            {
                await Task.Delay(BetweenLists, tools.Time, cancellationToken);
            }

            var answer = await tools.Client.SendAsync(Call(HttpMethod.Get, ArkWire.List(page, PageSize), key), cancellationToken);
            if (!answer.IsSuccess || answer.Json.At("items") is null)
            {
                throw new IOException($"HTTP {answer.Status}: {answer.Text}");
            }

            var items = answer.Json.ItemsAt("items").ToList();
            jobs.AddRange(items.Select(ArkWire.Listed).OfType<ListedJob>());
            if (items.Count < PageSize)
            {
                // Tasks of more than seven days ago are no longer listed.
                return new JobList(jobs, IsComplete: tools.Time.GetUtcNow() - since < ArkWire.ListedFor);
            }

            if (jobs.Exists(job => job.CreatedAt < since))
            {
                return new JobList(jobs, IsComplete: true);
            }
        }

        return new JobList(jobs, IsComplete: false);
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        tools.Client.CheckAsync(Call(HttpMethod.Get, ArkWire.List(1, 1), key), ArkWire.ReadCheck, cancellationToken);

    /// <summary>
    /// Only a queued task can be stopped, and a DELETE of a finished one destroys it with its result: the state is read before,
    /// and again afterwards, because the task may have begun in between.
    /// </summary>
    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        if (ArkWire.ImagesOf(providerTaskId) is not null)
        {
            return CancelResult.Refused;
        }

        var state = await ReadStateAsync();
        if (state != ArkWire.Queued)
        {
            return Verdict(state);
        }

        var deleted = await tools.Client.CancelAsync(
            Call(HttpMethod.Delete, ArkWire.Task(providerTaskId), request.Key),
            answer =>
                answer.IsSuccess ? CancelResult.Confirmed : answer.Status is >= 400 and < 500 and not 429 ? CancelResult.Refused : null,
            cancellationToken);
        return deleted is not CancelResult.Confirmed
            ? deleted
            : await ReadStateAsync() is ArkWire.Canceled
            ? CancelResult.Confirmed
            : CancelResult.Unknown;

        async Task<string?> ReadStateAsync()
        {
            var answer = await tools.Client.SendAsync(Call(HttpMethod.Get, ArkWire.Task(providerTaskId), request.Key), cancellationToken);
            return answer.IsSuccess ? answer.Json.TextAt("status") : null;
        }

        static CancelResult Verdict(string? state) => state switch
        {
            ArkWire.Canceled => CancelResult.Confirmed,
            null => CancelResult.Unknown,
            _ => CancelResult.Refused,
        };
    }

    /// <summary>Ark signs nothing: what makes a call genuine is the secret in the URL it came to.</summary>
    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CallbackReading>(new CallbackReading.Genuine(ArkWire.TaskOfCallback(call.Body)));

    private static bool IsImage(ProviderRequest request) => request.Output.Media is MediaType.Image;

    private static HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return call;
    }

    private SubmitResult? ReadImages(ProviderRequest request, VendorAnswer answer)
    {
        var result = ArkWire.ReadImages(answer);
        if (result is SubmitResult.Completed { Outputs.Count: > 0 } completed)
        {
            var path = tools.Shelf.NewPath();
            File.WriteAllText(path, completed.ProviderTaskId);
            tools.Shelf.Keep(request.AttemptId, [path]);
        }

        return result;
    }

    private string? Shelved(string attemptId)
    {
        if (tools.Shelf.Find(attemptId) is not [{ Path: { } path }])
        {
            return null;
        }

        var handle = File.ReadAllText(path);
        File.Delete(path);
        return handle;
    }
}
