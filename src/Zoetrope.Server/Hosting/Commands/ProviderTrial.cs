using System.Text;
using System.Text.Json;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The route that a trial takes.</summary>
/// <param name="Place">Its place among the model's routes.</param>
/// <param name="Route">How the request is said there.</param>
/// <param name="Vendor">Who is asked.</param>
/// <param name="Key">With which key.</param>
internal sealed record TrialRoute(int Place, RouteSpec Route, ProviderProfile Vendor, ProviderKey Key);

/// <summary>
/// Exactly one paid call, outside the books: the server's own conversation with a provider about a generation that is in no
/// database. What was paid for is never paid again: whatever goes wrong ends the trial with all that is known of the job.
/// </summary>
internal sealed class ProviderTrial(
    ProviderRegistry registry, ProviderJobs jobs, ProviderConversation conversation, StoredFiles store, TimeProvider time)
{
    /// <summary>The first route that can serve the whole request; only routes of the named provider, if one is named.</summary>
    public TrialRoute Choose(TrialRequest request, string? provider)
    {
        var model = request.Request.Model;
        if (provider is not null && !registry.IsConfigured(provider))
        {
            throw new StartException(
                "PROVIDER_NOT_CONFIGURED",
                registry.Profile(provider) is { } known
                    ? $"The provider {provider} is not configured. Set {known.EnabledBy}."
                    : $"Unknown provider {provider}. Allowed: {string.Join(", ", registry.AllNames.Order(StringComparer.Ordinal))}.");
        }

        using var parameters = JsonDocument.Parse(request.Request.Parameters);

        // A file of the command line has no address that a vendor could fetch.
        var wanted = request.Request.OnRoutes(parameters.RootElement, publicAddress: false);
        var gaps = new List<string>();
        foreach (var (place, route) in model.Routes.Index().Where(item => provider is null || item.Item.Provider == provider))
        {
            if (registry.Find(route.Provider) is not { } adapter)
            {
                var variable = registry.Profile(route.Provider)?.EnabledBy ?? $"Zoetrope__Providers__{route.Provider}__ApiKey";
                gaps.Add($"{route.Provider} is not configured (set {variable})");
            }
            else if (RouteFit.Gap(route, adapter.Profile.Inputs, wanted) is { } gap)
            {
                gaps.Add($"{route.Provider} cannot do {gap.Parameter} {gap.Asked} ({gap.Can})");
            }
            else
            {
                return new TrialRoute(place, route, adapter.Profile, registry.Gate(route.Provider).Keys[0]);
            }
        }

        var why = gaps.Count == 0 ? "it has none" : string.Join("; ", gaps);
        throw new StartException("NO_ROUTE", $"No route of {model.Id} can serve this request: {why}.");
    }

    /// <param name="request">The request.</param>
    /// <param name="route">The route that serves it.</param>
    /// <param name="directory">Where the result goes.</param>
    /// <param name="cancellationToken">Ends the watching, not the vendor's job.</param>
    public async Task<Answer> RunAsync(TrialRequest request, TrialRoute route, string directory, CancellationToken cancellationToken)
    {
        var generation = await GenerationAsync(request, route, cancellationToken);
        var inputs = await jobs.InputsAsync(generation, cancellationToken);
        if (inputs.Refusal is { } unusable)
        {
            throw new StartException("INVALID_INPUT", unusable.VendorMessage);
        }

        var (job, _) = jobs.New(generation, generation.AttemptId!, route.Key, time.GetUtcNow(), inputs.Files);

        // A trial only polls: no server is listening at a callback URL.
        job = job with { Request = job.Request with { CallbackUrl = null } };
        var prepared = job.Adapter.Prepare(job.Request);
        var report = new TrialReport(route, generation, prepared, time);
        var result = await conversation.SubmitAsync(job, prepared, cancellationToken);
        report.Submitted();
        switch (result)
        {
            case SubmitResult.Refused refused:
                return report.Failed("PROVIDER_REFUSED", refused.Error);
            case SubmitResult.Unknown unknown:
                return report.Ended("OUTCOME_UNKNOWN",
                    $"{route.Vendor.Title} may have accepted the job and may bill it; its answer was lost: {unknown.Reason.TrimEnd('.')}. "
                    + "It was not sent again. Look for the attempt in the vendor's console.");
            case SubmitResult.Completed completed:
                report.Handle(completed.ProviderTaskId, completed.RequestId);
                return await FetchAsync(job, completed.Outputs, report, directory, cancellationToken);
            case SubmitResult.Accepted accepted:
                report.Handle(accepted.ProviderTaskId, accepted.RequestId);
                return await WatchAsync(job, accepted, request, report, directory, cancellationToken);
            default:
                throw new InvalidOperationException($"Unknown submit result {result}.");
        }
    }

    // The row that a customer's request would have; its files are put into the store of this trial.
    private async Task<Generation> GenerationAsync(TrialRequest request, TrialRoute route, CancellationToken cancellationToken)
    {
        var wanted = request.Request;
        var inputs = new List<ResolvedInput>();
        foreach (var reference in wanted.Inputs)
        {
            var file = request.Files.First(file => file.Path == reference.Reference);
            var probe = file.Header.ToProbe(file.Bytes, file.Sha256);
            var copy = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
            File.Copy(file.Path, copy);
            await store.PutAsync(new ArtifactKey(probe.Sha256, probe.Extension), copy, cancellationToken);
            inputs.Add(new ResolvedInput(reference, file.Path, probe));
        }

        return new Generation
        {
            AccountId = "",
            Id = Ids.New(Ids.Generation, time),
            Mode = KeyMode.Live,
            KeyId = "",
            Status = GenerationStatus.Running,
            Version = 1,
            Model = wanted.Model.Id,
            Media = request.Quote.Output.Media,
            Prompt = wanted.Prompt,
            Parameters = Encoding.UTF8.GetString(wanted.Parameters.Span),
            Inputs = OrderJson.Write(inputs),
            Output = OrderJson.Write(request.Quote.Output),
            Route = route.Place,
            Provider = route.Route.Provider,
            AttemptId = Ids.New(Ids.Attempt, time),
            Quoted = 0,
            CreatedAt = time.GetUtcNow(),
        };
    }

    private async Task<Answer> WatchAsync(
        ProviderJob job,
        SubmitResult.Accepted accepted,
        TrialRequest request,
        TrialReport report,
        string directory,
        CancellationToken cancellationToken)
    {
        var model = request.Request.Model;
        var started = time.GetTimestamp();
        TimeSpan? wanted = accepted.PollAfter;
        for (var polls = 1; time.GetElapsedTime(started).TotalSeconds < model.DeadlineSeconds; polls++)
        {
            try
            {
                await Task.Delay(wanted ?? ProviderConversation.PollAfter(model, time.GetElapsedTime(started)), time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return report.Ended("INTERRUPTED", $"The job goes on at {job.Adapter.Profile.Title} and is billed.");
            }

            var result = await conversation.PollAsync(job, accepted.ProviderTaskId);
            report.Polled(polls);
            switch (result)
            {
                case PollResult.Succeeded succeeded:
                    return await FetchAsync(job, succeeded.Outputs, report, directory, cancellationToken);
                case PollResult.Failed failed:
                    return report.Failed("PROVIDER_FAILED", failed.Error);
                case PollResult.Unreadable unreadable:
                    report.Unreadable(unreadable.Reason);
                    wanted = unreadable.RetryAfter;
                    break;
                case PollResult.Running running:
                    wanted = running.PollAfter;
                    break;
            }
        }

        return report.Ended(
            "TIMED_OUT",
            $"The job did not finish within {model.DeadlineSeconds} s. It may go on at {job.Adapter.Profile.Title} and be billed.");
    }

    private async Task<Answer> FetchAsync(
        ProviderJob job, IReadOnlyList<ProviderOutput> outputs, TrialReport report, string directory, CancellationToken cancellationToken)
    {
        report.Generated();
        FetchedFiles fetched;
        try
        {
            fetched = await conversation.FetchAsync(outputs, job.Request.Output, job.Adapter.Profile, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return report.Ended("INTERRUPTED", $"The result was made and is billed. It is at {Places(outputs)}");
        }

        foreach (var (place, file) in fetched.Files.Index())
        {
            var number = outputs.Count > 1 ? $"-{place + 1}" : "";
            var name = $"{job.Request.Model}-{job.Request.AttemptId[^8..]}{number}.{file.Probe.Extension}";
            var path = Path.Combine(directory, name);
            File.Copy(
                (await store.LocalPathAsync(new ArtifactKey(file.Probe.Sha256, file.Probe.Extension), cancellationToken))!,
                path,
                overwrite: true);
            report.File(path, file.Probe);
        }

        return fetched.Failure switch
        {
            null => report.Ended(null, ""),
            { Output: null } nothing => report.Ended(nothing.Code, nothing.Reason),
            { Output: { } missing } failure =>
                report.Ended(failure.Code, $"{failure.Reason} The result was made and is billed. It is at {Places([missing])}"),
        };
    }

    private static string Places(IReadOnlyList<ProviderOutput> outputs) =>
        string.Join(", ", outputs.Select(output => output.Url?.ToString() ?? output.Path));
}
