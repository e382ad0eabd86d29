using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The route that a trial takes.</summary>
internal sealed record TrialRoute(RouteSpec Route, IProviderAdapter Adapter, ProviderKey Key);

/// <summary>
/// Exactly one paid call through one adapter, outside the books: submit, poll, fetch, and what each of it took. What was
/// paid for is never paid again: whatever goes wrong ends the trial with all that is known of the job.
/// </summary>
internal sealed class ProviderTrial(ProviderRegistry registry, ArtifactIngest ingest, IArtifactStore store, InputConverter converter, TimeProvider time)
{
    private static readonly TimeSpan SubmitCap = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan CallCap = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(2);

    private readonly JsonObject _report = [];
    private long _started;

    /// <summary>The first route that can do all that is asked, of the named provider where one is named.</summary>
    public TrialRoute Choose(TrialRequest request, string? provider)
    {
        var model = request.Request.Model;
        if (provider is not null && !registry.IsConfigured(provider))
        {
            throw new StartException("PROVIDER_NOT_CONFIGURED", registry.Profile(provider) is { } known ? $"{provider} is off; set {known.EnabledBy}" : $"there is no provider {provider}");
        }

        using var parameters = JsonDocument.Parse(request.Request.Parameters);
        var files = request.Request.Inputs.GroupBy(input => input.Parameter).ToDictionary(group => group.Key, group => new RouteFiles(group.First().Kind, group.Count()));

        // A file of the command line has no address that a vendor could fetch.
        var wanted = new RouteRequest(request.Request.Prompt, parameters.RootElement, files, PublicAddress: false);
        var gaps = new List<string>();
        foreach (var route in model.Routes.Where(route => provider is null || route.Provider == provider))
        {
            if (registry.Find(route.Provider) is not { } adapter)
            {
                gaps.Add($"{route.Provider} is off; set {registry.Profile(route.Provider)?.EnabledBy ?? $"Zoetrope__Providers__{route.Provider}__ApiKey"}");
            }
            else if (RouteFit.Gap(route, adapter.Profile.Inputs, wanted) is { } gap)
            {
                gaps.Add($"{route.Provider}: {gap.Parameter} {gap.Asked}, {gap.Can}");
            }
            else
            {
                return new TrialRoute(route, adapter, registry.Gate(route.Provider).Keys[0]);
            }
        }

        throw new StartException("NO_ROUTE", $"no route of {model.Id} can do this: {(gaps.Count == 0 ? "it has none" : string.Join("; ", gaps))}");
    }

    /// <param name="request">What is asked.</param>
    /// <param name="route">Who is asked.</param>
    /// <param name="directory">Where the result goes.</param>
    /// <param name="cancellationToken">Ends the watching, not the vendor's job.</param>
    public async Task<Answer> RunAsync(TrialRequest request, TrialRoute route, string directory, CancellationToken cancellationToken)
    {
        var attempt = Ids.New(Ids.Attempt, time);
        var wanted = await RequestAsync(request, route, attempt, cancellationToken);
        _report["provider"] = route.Route.Provider;
        _report["model"] = request.Request.Model.Id;
        _report["vendorModel"] = route.Route.Model;
        _report["key"] = route.Key.Id;
        _report["attempt"] = attempt;
        _started = time.GetTimestamp();
        var result = await SubmitAsync(route, wanted, cancellationToken);
        _report["submitMs"] = Elapsed();
        switch (result)
        {
            case SubmitResult.Refused refused:
                return Failed("PROVIDER_REFUSED", refused.Error, route.Key);
            case SubmitResult.Unknown unknown:
                return Ended("OUTCOME_UNKNOWN", $"{route.Adapter.Profile.Title} may have taken the job and may bill it; nobody can tell from here: {ProviderWords.Clean(unknown.Reason, route.Key)}. It was not sent again; look for the attempt in the vendor's console");
            case SubmitResult.Completed completed:
                Handle(completed.ProviderTaskId, completed.RequestId);
                return await FetchAsync(completed.Outputs, wanted, directory, cancellationToken);
            case SubmitResult.Accepted accepted:
                Handle(accepted.ProviderTaskId, accepted.RequestId);
                return await WatchAsync(route, wanted, accepted, request.Request.Model.DeadlineSeconds, directory, cancellationToken);
            default:
                throw new InvalidOperationException($"Unknown submit result {result}.");
        }
    }

    private async Task<ProviderRequest> RequestAsync(TrialRequest request, TrialRoute route, string attempt, CancellationToken cancellationToken)
    {
        var form = route.Adapter.Profile.Inputs;
        var inputs = new List<ProviderInput>();
        foreach (var reference in request.Request.Inputs)
        {
            var file = request.Files.First(file => file.Path == reference.Reference);
            var fitted = new FittedImage(file.Path, file.Header.ContentType, Converted: false);
            if (file.Header.IsImage)
            {
                fitted = (await converter.FitAsync(file.Path, file.Sha256, new ImageForm(form.ImageTypes, form.MaxImageBytes, form.MaxImageSide), cancellationToken)).OrFail();
            }

            inputs.Add(new ProviderInput(reference.Parameter, fitted.Path, fitted.ContentType));
        }

        using var parameters = JsonDocument.Parse(request.Request.Parameters);
        return new ProviderRequest
        {
            AttemptId = attempt,
            Route = route.Route,
            Key = route.Key,
            Model = request.Request.Model.Id,
            Mode = request.Request.Model.Mode,
            Prompt = request.Request.Prompt,
            Parameters = parameters.RootElement.Clone(),
            Inputs = inputs,
            Output = request.Quote.Output,
            IntendedAt = time.GetUtcNow(),
        };
    }

    private async Task<SubmitResult> SubmitAsync(TrialRoute route, ProviderRequest request, CancellationToken cancellationToken)
    {
        using var cap = new CancellationTokenSource(SubmitCap, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cap.Token, cancellationToken);
        try
        {
            return await route.Adapter.SubmitAsync(request, either.Token);
        }
        catch (Exception exception)
        {
            return new SubmitResult.Unknown(exception.Message);
        }
    }

    private async Task<Answer> WatchAsync(TrialRoute route, ProviderRequest request, SubmitResult.Accepted accepted, int deadlineSeconds, string directory, CancellationToken cancellationToken)
    {
        var wait = accepted.PollAfter ?? PollAfter;
        for (var polls = 1; time.GetElapsedTime(_started).TotalSeconds < deadlineSeconds; polls++)
        {
            try
            {
                await Task.Delay(wait, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return Ended("INTERRUPTED", $"the job goes on at {route.Adapter.Profile.Title}, and is billed");
            }

            var result = await PollAsync(route, request, accepted.ProviderTaskId);
            _report["firstPollMs"] ??= Elapsed();
            _report["polls"] = polls;
            switch (result)
            {
                case PollResult.Succeeded succeeded:
                    return await FetchAsync(succeeded.Outputs, request, directory, cancellationToken);
                case PollResult.Failed failed:
                    return Failed("PROVIDER_FAILED", failed.Error, route.Key);
                case PollResult.Unreadable unreadable:
                    _report["lastUnreadable"] = ProviderWords.Clean(unreadable.Reason, route.Key);
                    wait = unreadable.RetryAfter ?? PollAfter;
                    break;
                case PollResult.Running running:
                    wait = running.PollAfter ?? PollAfter;
                    break;
            }
        }

        return Ended("TIMED_OUT", $"not finished after {deadlineSeconds} s; the job may go on at {route.Adapter.Profile.Title}, and be billed");
    }

    private async Task<PollResult> PollAsync(TrialRoute route, ProviderRequest request, string handle)
    {
        using var cap = new CancellationTokenSource(CallCap, time);
        try
        {
            return await route.Adapter.PollAsync(request, handle, cap.Token);
        }
        catch (Exception exception)
        {
            return new PollResult.Unreadable(exception.Message);
        }
    }

    private async Task<Answer> FetchAsync(IReadOnlyList<ProviderOutput> outputs, ProviderRequest request, string directory, CancellationToken cancellationToken)
    {
        _report["generatedMs"] = Elapsed();
        var files = new JsonArray();
        _report["files"] = files;
        foreach (var output in outputs)
        {
            Outcome<IngestedArtifact> ingested;
            try
            {
                ingested = await ingest.IngestAsync(output, request.Output, isSandbox: false, cancellationToken);
            }
            catch (IOException exception)
            {
                return Ended("RESULT_NOT_FETCHED", $"{exception.Message} It was made and is billed: {output.Url?.ToString() ?? output.Path}");
            }
            catch (OperationCanceledException)
            {
                return Ended("INTERRUPTED", $"it was made and is billed: {output.Url?.ToString() ?? output.Path}");
            }

            if (ingested.Failed(out var problem, out var stored))
            {
                return Ended(problem.Kind.Code, $"{problem.Message} It was made and is billed: {output.Url?.ToString() ?? output.Path}");
            }

            var probe = stored.Probe;
            var name = $"{request.Model}-{request.AttemptId[^8..]}{(outputs.Count > 1 ? $"-{files.Count + 1}" : "")}.{probe.Extension}";
            var path = Path.Combine(directory, name);
            File.Copy((await store.LocalPathAsync(new ArtifactKey(probe.Sha256, probe.Extension), cancellationToken))!, path, overwrite: true);
            files.Add(new JsonObject
            {
                ["file"] = path,
                ["bytes"] = probe.Bytes,
                ["contentType"] = probe.ContentType,
                ["width"] = probe.Width,
                ["height"] = probe.Height,
                ["seconds"] = probe.DurationSeconds,
            });
        }

        return outputs.Count == 0 ? Ended("BAD_OUTPUT", "the provider reported success without a file") : Ended(null, "");
    }

    private void Handle(string handle, string? requestId)
    {
        _report["handle"] = handle;
        _report["requestId"] = requestId ?? handle;
    }

    private Answer Failed(string code, ProviderError error, ProviderKey key)
    {
        _report["error"] = new JsonObject
        {
            ["kind"] = error.Word,
            ["vendorCode"] = ProviderWords.Clean(error.VendorCode, key),
            ["vendorMessage"] = ProviderWords.Clean(error.VendorMessage, key),
            ["charged"] = error.Charged,
        };
        return Ended(code, $"{error.Word}: {ProviderWords.Clean(error.VendorCode, key)}: {ProviderWords.Clean(error.VendorMessage, key)}{(error.Charged ? " (the vendor bills for it)" : "")}");
    }

    private Answer Ended(string? code, string message)
    {
        _report["totalMs"] = Elapsed();
        return new Answer(_report, console =>
        {
            var table = CommandOutput.NewTable("WHAT", "VALUE");
            foreach (var (name, value) in _report)
            {
                foreach (var line in value is JsonArray list ? list.Select(item => item!.ToJsonString()) : [value?.ToString() ?? ""])
                {
                    table.AddRow(name, Markup.Escape(line));
                }
            }

            console.Write(table);
        })
        {
            Failure = code is null ? null : (code, message),
        };
    }

    private long Elapsed() => (long)time.GetElapsedTime(_started).TotalMilliseconds;
}
