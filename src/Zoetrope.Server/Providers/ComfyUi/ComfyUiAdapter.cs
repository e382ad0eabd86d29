using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>
/// An operator's own ComfyUI: workflow files with named inputs, run on his GPU.
/// Evidence B: the prompt_id is ours, and queue and history together are everything ComfyUI knows. Who is in neither some time
/// after the submit will never run: it was not taken, or a restart emptied both. The history is read after the queue, because
/// a job moves only that way. What a wrong verdict costs is GPU time, not money.
/// </summary>
internal sealed class ComfyUiAdapter : IProviderAdapter
{
    public static readonly ProviderProfile Vendor = new()
    {
        Name = "comfyui",
        Title = "ComfyUI",
        Keyless = true,
        Inputs = new InputForm { MaxImageBytes = 90_000_000, MaxImageSide = 16_384 },
    };

    /// <summary>A prompt may wait that long for its validation, after its sender has given up.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ImagePoll = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan VideoPoll = TimeSpan.FromSeconds(5);
    private readonly ProviderTools _tools;
    private readonly WorkflowFolder _workflows;
    private readonly ComfyUiFiles _files;

    public ComfyUiAdapter(ProviderTools tools, WorkflowFolder workflows)
    {
        workflows.CheckAll();
        (_tools, _workflows, _files) = (tools, workflows, new ComfyUiFiles(tools, Call));
    }

    public ProviderProfile Profile => Vendor;

    public EvidenceClass Evidence => EvidenceClass.QueryByOurId;

    /// <summary>Reads the operator's workflow file; nothing leaves.</summary>
    public PreparedSubmit Prepare(ProviderRequest request)
    {
        var prepared = PreparedSubmit.Of(request, static (body, input) => body.File(input), inside: ComfyUiWire.Graph);
        if (Usable(request.Route, out var workflow) is { } fault)
        {
            prepared.Fault = fault;
            return prepared;
        }

        if (workflow!.Takes(Workflow.Seed) && !prepared.Has(Workflow.Seed))
        {
            prepared.Set(Workflow.Seed, ComfyUiWire.SeedOf(request.AttemptId));
        }

        var values = prepared.Body.Json[ComfyUiWire.Graph]!.AsObject();

        // An array of two is how a graph names another node's output.
        if (values.FirstOrDefault(value => value.Value is JsonArray or JsonObject) is { Key: { } list })
        {
            prepared.Fault = new ProviderError(
                ProviderErrorKind.Unavailable,
                "workflow",
                $"{request.Route.Model}: the route gives '{list}' a list, but a node's input accepts one value");
            return prepared;
        }

        prepared.Body.Json[ComfyUiWire.Graph] = workflow.Fill(values);
        prepared.Body.Json["prompt_id"] = ComfyUiWire.PromptId(request.AttemptId);
        return prepared;
    }

    public Task<SubmitResult> SubmitAsync(ProviderRequest request, PreparedSubmit prepared, CancellationToken cancellationToken)
    {
        Workflow? workflow = null;
        return _tools.Client.SubmitAsync(
            async () => (prepared.Fault
                ?? Usable(request.Route, out workflow)
                ?? await _files.PlaceAsync(request, prepared.Body, cancellationToken)) is { } refused
                    ? refused
                    : (Outgoing)Call(HttpMethod.Post, "prompt", request.Key, prepared.Body.ToContent()),
            answer => answer.Json.TextAt("prompt_id") is { } id ? new SubmitResult.Accepted(id, PollAfter(request)) : null,
            answer => ComfyUiWire.Refusal(answer, workflow!),
            cancellationToken);
    }

    public async Task<PollResult> PollAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(providerTaskId, request.Key, cancellationToken) switch
            {
                ComfyUiJob.Waiting waiting => new PollResult.Running(null, waiting.Place, PollAfter(request)),
                ComfyUiJob.Running => new PollResult.Running(null, null, PollAfter(request)),
                ComfyUiJob.Ended ended => await EndAsync(request, ended.Entry, cancellationToken),
                _ => new PollResult.Failed(
                    new ProviderError(
                        ProviderErrorKind.Expired,
                        "lost",
                        "ComfyUI no longer knows the job: it was restarted, or its queue or history was cleared.")),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException
            or InvalidDataException)
        {
            return new PollResult.Unreadable(exception.Message);
        }
    }

    public async Task<LookupResult> LookupAsync(ProviderRequest request, CancellationToken cancellationToken)
    {
        var id = ComfyUiWire.PromptId(request.AttemptId);
        if (await LookAsync(id, request.Key, cancellationToken) is not ComfyUiJob.Nowhere)
        {
            return new LookupResult.Found(id);
        }

        // An old server assigns its own job ids: there, ours proves nothing.
        return !await IsRecentAsync(request.Key, cancellationToken)
            ? new LookupResult.Undecided($"ComfyUI before {ComfyUiWire.OldestKnown} does not keep our id")
            : _tools.Time.GetUtcNow() < request.IntendedAt + Settling
            ? new LookupResult.Undecided("ComfyUI may still be validating the prompt")
            : new LookupResult.Absent();
    }

    public Task<CheckResult> CheckAsync(ProviderKey key, CancellationToken cancellationToken) => _tools.Client.CheckAsync(
        Call(HttpMethod.Get, "system_stats", key),
        answer => !answer.IsSuccess || answer.Json.At("system") is null ? null
            : ComfyUiWire.VersionOf(answer.Json) is { } version && version < ComfyUiWire.OldestKnown
                ? new CheckResult.Rejected(
                    new ProviderError(
                        ProviderErrorKind.Unavailable,
                        "version",
                        $"{ComfyUiWire.Describe(answer.Json)}; {ComfyUiWire.OldestKnown} or later is required"))
                : new CheckResult.Proven(ComfyUiWire.Describe(answer.Json)),
        cancellationToken);

    public async Task<CancelResult> CancelAsync(ProviderRequest request, string providerTaskId, CancellationToken cancellationToken)
    {
        var answer = await _tools.Client.SendAsync(
            Call(HttpMethod.Post, $"api/jobs/{providerTaskId}/cancel", request.Key), cancellationToken);
        if (answer.Json.FlagAt("cancelled") is true)
        {
            return CancelResult.Confirmed;
        }

        if (!answer.IsSuccess && answer.Status is not (404 or 405))
        {
            return CancelResult.Unknown;
        }

        return await LookAsync(providerTaskId, request.Key, cancellationToken) switch
        {
            ComfyUiJob.Ended ended => ComfyUiWire.Interrupted(ended.Entry) ? CancelResult.Confirmed : CancelResult.Refused,
            ComfyUiJob.Nowhere => CancelResult.Confirmed,
            ComfyUiJob.Waiting when answer.IsSuccess => CancelResult.Unknown,
            ComfyUiJob.Waiting => await DequeueAsync(request, providerTaskId, cancellationToken),
            _ when answer.IsSuccess || !await IsRecentAsync(request.Key, cancellationToken) => CancelResult.Refused,
            _ => await InterruptAsync(request, providerTaskId, cancellationToken),
        };
    }

    // Servers before /api/jobs. What is taken out leaves no trace in the history.
    private async Task<CancelResult> DequeueAsync(ProviderRequest request, string id, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["delete"] = new JsonArray(id) };
        await _tools.Client.SendAsync(Call(HttpMethod.Post, "queue", request.Key, JsonContent.Create(body)), cancellationToken);
        return await LookAsync(id, request.Key, cancellationToken) is ComfyUiJob.Nowhere ? CancelResult.Confirmed : CancelResult.Unknown;
    }

    // Only with the job's id: without one, and on servers that do not read it, it would stop whatever runs.
    private async Task<CancelResult> InterruptAsync(ProviderRequest request, string id, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["prompt_id"] = id };
        await _tools.Client.SendAsync(Call(HttpMethod.Post, "interrupt", request.Key, JsonContent.Create(body)), cancellationToken);
        return CancelResult.Unknown;
    }

    private async Task<PollResult> EndAsync(ProviderRequest request, JsonElement entry, CancellationToken cancellationToken)
    {
        switch (ComfyUiWire.Succeeded(entry))
        {
            case null:
                return new PollResult.Running(null, null, PollAfter(request));
            case false:
                return new PollResult.Failed(ComfyUiWire.Failure(entry));
        }

        if (Usable(request.Route, out var workflow) is { } fault)
        {
            return new PollResult.Unreadable(fault.VendorMessage);
        }

        var outputs = new List<ProviderOutput>();
        foreach (var file in ComfyUiWire.Files(entry, workflow!, request.Output.Media))
        {
            var path = _tools.Shelf.NewPath();
            if (await _files.FetchAsync(request, file, path, cancellationToken) is { } failed)
            {
                return failed;
            }

            outputs.Add(new ProviderOutput(null, path));
        }

        return outputs.Count > 0
            ? new PollResult.Succeeded(outputs)
            : new PollResult.Failed(
                new ProviderError(
                    ProviderErrorKind.BadOutput,
                    "no_output",
                    $"The run ended without a file from node {string.Join(", ", workflow!.Outputs)}."));
    }

    /// <exception cref="InvalidDataException">An answer that is not ComfyUI's.</exception>
    private async Task<ComfyUiJob> LookAsync(string id, ProviderKey key, CancellationToken cancellationToken)
    {
        if (await HistoryAsync(id, key, cancellationToken) is { } ended)
        {
            return new ComfyUiJob.Ended(ended);
        }

        var queue = await _tools.Client.SendAsync(Call(HttpMethod.Get, "queue", key), cancellationToken);
        if (!queue.IsSuccess || !ComfyUiWire.IsQueue(queue.Json))
        {
            throw new InvalidDataException($"queue: HTTP {queue.Status}: {queue.Text}");
        }

        return ComfyUiWire.InQueue(queue.Json, id)
            ?? (await HistoryAsync(id, key, cancellationToken) is { } since ? new ComfyUiJob.Ended(since) : new ComfyUiJob.Nowhere());
    }

    private async Task<JsonElement?> HistoryAsync(string id, ProviderKey key, CancellationToken cancellationToken)
    {
        var answer = await _tools.Client.SendAsync(Call(HttpMethod.Get, $"history/{Uri.EscapeDataString(id)}", key), cancellationToken);
        return answer.IsSuccess && answer.Json.ValueKind is JsonValueKind.Object
            ? answer.Json.At(id)
            : throw new InvalidDataException($"history: HTTP {answer.Status}: {answer.Text}");
    }

    private async Task<bool> IsRecentAsync(ProviderKey key, CancellationToken cancellationToken)
    {
        var answer = await _tools.Client.SendAsync(Call(HttpMethod.Get, "system_stats", key), cancellationToken);
        return ComfyUiWire.VersionOf(answer.Json) >= ComfyUiWire.OldestKnown;
    }

    // The file, and that it has every input the route names: nothing of a request is dropped.
    private ProviderError? Usable(RouteSpec route, out Workflow? workflow)
    {
        var faults = _workflows.Read(route.Model, out workflow).ToImmutableArray();
        if (workflow is { } found)
        {
            var named = route.Fields.SelectMany(field => field.Paths)
                .Concat(route.Fixed.Select(value => value.Path))
                .Select(path => path.Text);
            faults =
            [
                .. named.Where(input => !found.Takes(input))
                    .Distinct()
                    .Select(input => $"{route.Model}: the route sets '{input}', which is not one of the file's inputs"),
            ];
        }

        return faults.IsEmpty ? null : new ProviderError(ProviderErrorKind.Unavailable, "workflow", string.Join("; ", faults));
    }

    private static TimeSpan PollAfter(ProviderRequest request) => request.Output.Media is MediaType.Video ? VideoPoll : ImagePoll;

    private static HttpRequestMessage Call(HttpMethod method, string path, ProviderKey key, HttpContent? content = null)
    {
        var call = new HttpRequestMessage(method, path) { Content = content };
        if (key.Secret.Length > 0)
        {
            call.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
        }

        return call;
    }
}
