using System.Net.Http.Headers;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.Kling;

/// <summary>
/// Kuaishou's Kling at its maker. Evidence class B: a task carries our attempt id as <c>external_task_id</c>, can be asked for
/// by it, and lists show it. A task found by it is ours beyond doubt. Absence is concluded only from a list that is complete,
/// that shows other tasks with such ids (so the vendor does echo them), and that was read well after the submit; a submit that
/// was lost may still be on its way before. Kling has no call to stop a task.
/// </summary>
internal sealed class KlingAdapter(ProviderTools tools) : IProviderAdapter, ICallbackReader
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "kling",
        Title = "Kling",
        BaseUrl = new Uri("https://api-singapore.klingai.com/"),
        KeyVariables = ["KLING_API_KEY"],
        Extras = [new RouteExtra(KlingWire.PathExtra, Required: true)],
        Inputs = new InputForm { ImageTypes = ["image/jpeg", "image/png"], MaxImageBytes = 10_000_000 },
    };

    private const int PageSize = 500;

    /// <summary>Longer than any submit is under way at the vendor before its task is in the list.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(3);

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.QueryByOurId;

    public PreparedSubmit Prepare(ProviderRequest request) => KlingWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        tools.Client.SubmitAsync(
            () =>
            {
                var call = Call(HttpMethod.Post, KlingWire.PathOf(request.Route), request.Key);
                call.Content = prepared.Body.ToContent();
                return Task.FromResult<Outgoing>(call);
            },
            KlingWire.ReadCreated,
            answer => KlingWire.Refusal(answer) ?? KlingWire.NotNow(answer),
            cancellationToken);

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        tools.Client.PollAsync(
            Call(HttpMethod.Get, KlingWire.Task(request.Route, providerTaskId), request.Key), KlingWire.ReadTask, cancellationToken);

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        var asked = await tools.Client.LookupAsync(
            Call(HttpMethod.Get, KlingWire.Task(request.Route, request.AttemptId), request.Key),
            answer => KlingWire.ReadOwn(answer, request.AttemptId),
            cancellationToken);
        if (asked is LookupResult.Found)
        {
            return asked;
        }

        var settled = tools.Time.GetUtcNow() - request.IntendedAt >= Settled;
        return await tools.Client.LookupAsync(
            Call(HttpMethod.Get, KlingWire.List(request.Route, PageSize), request.Key),
            answer => KlingWire.FindInList(answer, request.AttemptId, PageSize, settled),
            cancellationToken);
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        tools.Client.CheckAsync(Call(HttpMethod.Get, KlingWire.AnyList, key), KlingWire.ReadCheck, cancellationToken);

    public Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        Task.FromResult(CancelResult.Refused);

    /// <summary>Kling signs nothing: what makes a call genuine is the secret in the URL it came to.</summary>
    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        ValueTask.FromResult<CallbackReading>(new CallbackReading.Genuine(KlingWire.TaskOfCallback(call.Body)));

    private HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", KlingTokens.Of(key.Secret, tools.Time.GetUtcNow()));
        return call;
    }
}
