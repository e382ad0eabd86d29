using System.Net.Http.Headers;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.MiniMax;

/// <summary>
/// MiniMax's second video API (H3). Evidence class D: the task's callback comes to an address of this attempt alone. The
/// vendor lists recent tasks too, but nothing in them is ours to recognise: a task of the same model at the same time may be
/// another user's of the account, so none is ever adopted from the list, and its emptiness is no proof either. Without a
/// public address of this server a lost answer stays unknown.
/// </summary>
internal sealed class MiniMaxAdapter(ProviderTools tools) : IProviderAdapter, ICallbackReader
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "minimax",
        Title = "MiniMax",
        BaseUrl = new Uri("https://api.minimax.io/"),
        KeyVariables = ["MINIMAX_API_KEY"],
        Inputs = new InputForm { MaxImageBytes = 20_000_000 },
    };

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.CallsBack;

    public PreparedSubmit Prepare(ProviderRequest request) => MiniMaxWire.Prepare(request);

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken) =>
        tools.Client.SubmitAsync(
            async () =>
            {
                await prepared.Body.PlacePublicAsync(request.Inputs.Where(MiniMaxWire.IsVideo));
                var call = Call(HttpMethod.Post, MiniMaxWire.Create, request.Key);
                call.Content = prepared.Body.ToContent();
                return call;
            },
            MiniMaxWire.ReadCreated,
            answer => MiniMaxWire.Refusal(answer) ?? MiniMaxWire.NotNow(answer),
            cancellationToken);

    public Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken) =>
        tools.Client.PollAsync(
            Call(HttpMethod.Get, MiniMaxWire.Query(providerTaskId), request.Key), MiniMaxWire.ReadTask, cancellationToken);

    public Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<LookupResult>(request.CallbackUrl is null
        ? new LookupResult.Impossible("MiniMax reports a task only by its id or through a callback, and it cannot call this server back")
        : new LookupResult.Undecided("waiting for the task's callback"));

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        tools.Client.CheckAsync(Call(HttpMethod.Get, MiniMaxWire.AnyList, key), MiniMaxWire.ReadCheck, cancellationToken);

    /// <summary>
    /// Only a queued task can be stopped, free of charge; the same call on a finished one removes it with its result. So the
    /// state is read before, and again afterwards, because the task may have begun in between.
    /// </summary>
    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        switch (await ReadStateAsync())
        {
            case null:
                return CancelResult.Unknown;
            case MiniMaxWire.Canceled:
                return CancelResult.Confirmed;
            case not MiniMaxWire.Queued:
                return CancelResult.Refused;
        }

        var deleted = await tools.Client.CancelAsync(
            Call(HttpMethod.Delete, MiniMaxWire.Task(providerTaskId), request.Key),
            answer =>
                answer.IsSuccess ? CancelResult.Confirmed : answer.Status is >= 400 and < 500 and not 429 ? CancelResult.Refused : null,
            cancellationToken);
        return deleted is not CancelResult.Confirmed ? deleted
            : await ReadStateAsync() is MiniMaxWire.Canceled ? CancelResult.Confirmed
            : CancelResult.Unknown;

        async Task<string?> ReadStateAsync()
        {
            var answer = await tools.Client.SendAsync(
                Call(HttpMethod.Get, MiniMaxWire.Query(providerTaskId), request.Key), cancellationToken);
            return answer.IsSuccess ? answer.Json.TextAt("task", "status") : null;
        }
    }

    /// <summary>MiniMax signs nothing: what makes a call genuine is the secret in the URL it came to.</summary>
    public ValueTask<CallbackReading> ReadCallbackAsync(ProviderCallback call, CancellationToken cancellationToken) =>
        ValueTask.FromResult(MiniMaxWire.ReadCallback(call.Body));

    private static HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key)
    {
        var call = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        return call;
    }
}
