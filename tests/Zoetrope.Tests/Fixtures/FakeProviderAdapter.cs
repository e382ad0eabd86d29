using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// An adapter for the <see cref="FakeProvider"/> of a chosen evidence class, honest as a real one must be: it claims
/// only what the answer proves. It registers under any name, so it can stand in for the sandbox or for a live route.
/// </summary>
internal sealed class FakeProviderAdapter : IProviderAdapter, IDisposable
{
    private const int MaxAnswer = 1024 * 1024;
    private readonly HttpClient _http;
    private readonly FakeProvider _provider;
    private readonly ConcurrentDictionary<string, bool> _calledBack = new();

    public FakeProviderAdapter(FakeProvider provider, EvidenceClass evidence, string name = "sandbox", ProviderCallbacks? callbacks = null)
    {
        (_provider, Evidence, Profile) = (provider, evidence, new ProviderProfile { Name = name, Title = "Fake", Keyless = true, BuiltIn = name == ProviderRegistry.Sandbox, Inputs = new InputForm { ImageTypes = ["image/jpeg", "image/png"] } });
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = provider.Address,
            Timeout = TimeSpan.FromSeconds(5),
            MaxResponseContentBufferSize = MaxAnswer,
        };
        if (evidence == EvidenceClass.CallsBack)
        {
            void CalledBack(string clientId)
            {
                _calledBack[clientId] = true;
                callbacks?.JobChanged(clientId);
            }

            provider.JobAccepted += CalledBack;
            provider.JobEnded += CalledBack;
        }
    }

    public ProviderProfile Profile { get; }

    public EvidenceClass Evidence { get; }

    /// <summary>How long it waits for an answer.</summary>
    public TimeSpan Timeout
    {
        init => _http.Timeout = value;
    }

    /// <summary>Many vendors tell nothing while a job runs.</summary>
    public bool TellsProgress { get; init; } = true;

    /// <summary>What it says a finished job costs; most vendors say nothing.</summary>
    public long? ChargedMicros { get; set; }

    public PreparedSubmit Prepare(ProviderRequest request) => PreparedSubmit.Of(request, static (body, input) => body.DataUri(input));

    public async Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await PostJobAsync(request, cancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.TooManyRequests:
                    return new SubmitResult.Refused(new ProviderError(ProviderErrorKind.RateLimited, "slow_down", "", answer.Headers.RetryAfter?.Delta));
                case HttpStatusCode.Unauthorized:
                    return new SubmitResult.Refused(new ProviderError(ProviderErrorKind.Auth, "who_are_you", ""));
                case HttpStatusCode.PaymentRequired:
                    return new SubmitResult.Refused(new ProviderError(ProviderErrorKind.QuotaExhausted, "pay_first", ""));
                case HttpStatusCode.BadRequest:
                    var code = await CodeAsync(answer, cancellationToken);
                    return new SubmitResult.Refused(new ProviderError(code == "moderated" ? ProviderErrorKind.ContentRefused : ProviderErrorKind.InvalidInput, code, ""));
            }

            return answer.IsSuccessStatusCode
                ? new SubmitResult.Accepted(await IdAsync(answer, cancellationToken), TimeSpan.FromMilliseconds(50))
                : new SubmitResult.Unknown($"HTTP {(int)answer.StatusCode}");
        }
        catch (HttpRequestException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return new SubmitResult.Refused(new ProviderError(ProviderErrorKind.Unavailable, "connect", exception.Message));
        }
        catch (Exception exception) when (IsUnclear(exception))
        {
            return new SubmitResult.Unknown(exception.Message);
        }
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) =>
        Task.FromResult<CheckResult>(new CheckResult.NotPossible("A fake has no account."));

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync($"/jobs/{providerTaskId}", cancellationToken);
            if (!answer.IsSuccessStatusCode)
            {
                return new PollResult.Unreadable($"HTTP {(int)answer.StatusCode}", TimeSpan.FromMilliseconds(50));
            }

            var job = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
            return job.GetProperty("status").GetString() switch
            {
                "queued" => new PollResult.Running(TellsProgress ? 0 : null, 1, TimeSpan.FromMilliseconds(50)),
                "running" => new PollResult.Running(TellsProgress ? 50 : null, null, TimeSpan.FromMilliseconds(50)),
                "succeeded" => new PollResult.Succeeded([new ProviderOutput(new Uri(job.GetProperty("result").GetString()!), null)]) { ChargedMicros = ChargedMicros },
                "failed" when job.GetProperty("error").GetString() == "moderated" => new PollResult.Failed(new ProviderError(ProviderErrorKind.ContentRefused, "moderated", "")),
                "failed" => new PollResult.Failed(new ProviderError(ProviderErrorKind.Unavailable, "broken", "")),
                var other => new PollResult.Unreadable($"unknown status {other}", TimeSpan.FromMilliseconds(50)),
            };
        }
        catch (Exception exception) when (IsUnclear(exception))
        {
            return new PollResult.Unreadable(exception.Message, TimeSpan.FromMilliseconds(50));
        }
    }

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        try
        {
            switch (Evidence)
            {
                case EvidenceClass.IdempotencyKey:
                    // The same key again buys nothing new; whichever submit arrived first is the job.
                    using (var answer = await PostJobAsync(request, cancellationToken))
                    {
                        return answer.IsSuccessStatusCode
                            ? new LookupResult.Found(await IdAsync(answer, cancellationToken))
                            : new LookupResult.Undecided($"HTTP {(int)answer.StatusCode}");
                    }

                case EvidenceClass.QueryByOurId:
                    return await SearchAsync($"/jobs?client_id={request.AttemptId}", request, cancellationToken);
                case EvidenceClass.ListsRecent:
                    return await SearchAsync("/jobs", request, cancellationToken);
                case EvidenceClass.CallsBack:
                    return _calledBack.ContainsKey(request.AttemptId)
                        ? await SearchAsync("/jobs", request, cancellationToken)
                        : new LookupResult.Undecided("no callback yet");
                default:
                    return new LookupResult.Impossible("the vendor offers no evidence");
            }
        }
        catch (Exception exception) when (IsUnclear(exception))
        {
            return new LookupResult.Undecided(exception.Message);
        }
    }

    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsync($"/jobs/{providerTaskId}/cancel", null, cancellationToken);
        return answer.IsSuccessStatusCode ? CancelResult.Confirmed : CancelResult.Refused;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The vendor reports the end of a job although its submit had no answer, as evidence class D needs.</summary>
    public void CallBack(string attemptId) => _calledBack[attemptId] = _provider.Books.Accepted.Any(job => job.ClientId == attemptId);

    private Task<HttpResponseMessage> PostJobAsync(ProviderRequest request, CancellationToken cancellationToken) =>
        _http.PostAsJsonAsync("/jobs", new
        {
            client_id = request.AttemptId,
            key = request.Key.Secret,
            model = request.Route.Model,
            prompt = request.Prompt,
            format = request.Output.Format,
            width = request.Output.Width,
            height = request.Output.Height,
            seconds = request.Output.DurationSeconds,
            fps = request.Output.FramesPerSecond,
            audio = request.Output.Audio,
        }, cancellationToken);

    private async Task<LookupResult> SearchAsync(string path, ProviderRequest request, CancellationToken cancellationToken)
    {
        var list = await _http.GetFromJsonAsync<JsonElement>(path, cancellationToken);
        var job = list.GetProperty("jobs").EnumerateArray().FirstOrDefault(job => job.GetProperty("client_id").GetString() == request.AttemptId);
        return job.ValueKind == JsonValueKind.Undefined ? new LookupResult.Absent() : new LookupResult.Found(job.GetProperty("id").GetString()!);
    }

    private static async Task<string> IdAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("id").GetString()!;

    private static async Task<string> CodeAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("error").GetString()!;

    private static bool IsUnclear(Exception exception) =>
        exception is HttpRequestException or JsonException or TaskCanceledException or KeyNotFoundException or IOException or InvalidOperationException;
}
