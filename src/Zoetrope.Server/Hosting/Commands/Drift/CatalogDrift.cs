using System.Globalization;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting.Commands.Drift;

/// <summary>
/// Holds the catalogue's routes against what vendors publish without payment: every request that a route can be given against the
/// schema of its model, the model's name against the vendor's list, and its end against the catalogue's.
/// </summary>
internal sealed class CatalogDrift(ProviderRegistry registry, ModelCatalog catalog, OpenRouterEnds ends, TimeProvider time)
{
    private const string NothingPublished = "It publishes nothing that can be compared without payment.";
    private const int Tries = 3;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly RouteSamples _samples = new(catalog, time);

    public async Task<Answer> RunAsync(CancellationToken cancellationToken)
    {
        var unread = await ends.ReadAsync(cancellationToken);
        var providers = Live.SelectMany(model => model.Routes, (_, route) => route.Provider).Distinct().Order(StringComparer.Ordinal);
        var reports = await Task.WhenAll(providers.Select(name => ReportAsync(name, cancellationToken)));
        var report = new DriftReport(
            [.. reports.SelectMany(one => one.Differences)],
            [.. reports.SelectMany(one => one.Unread), .. unread is null ? [] : (DriftNote[])[new DriftNote("openrouter", null, unread)]],
            [.. reports.SelectMany(one => one.NotAsked)],
            reports.Sum(one => one.Compared));
        return new Answer(report.ToJson(), report.Show) { Failure = report.Failure };
    }

    private IEnumerable<ModelSpec> Live => catalog.Models.Where(model => Retirement.Of(model) is null);

    private async Task<DriftReport> ReportAsync(string provider, CancellationToken cancellationToken)
    {
        var profile = registry.Profile(provider)!;
        if (registry.Find(provider) is not { } adapter)
        {
            return DriftReport.Nothing(provider, $"It is not configured. Set {profile.EnabledBy}.");
        }

        if (adapter is not IModelPublisher publisher)
        {
            return DriftReport.Nothing(provider, NothingPublished);
        }

        var key = registry.Gate(provider).Keys[0];
        var asked = from model in Live
                    from route in model.Routes
                    where route.Provider == provider
                    from request in _samples.Of(model, route, profile.Inputs)
                    let prepared = adapter.Prepare(request)
                    group (Model: model, Prepared: prepared) by prepared.Model;
        var differences = new List<Difference>();
        var unread = new List<DriftNote>();
        var compared = 0;
        foreach (var group in asked.OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            ModelSpec[] models = [.. group.Select(sample => sample.Model).Distinct()];
            var published = await ReadAsync(publisher, group.Key, key, cancellationToken);
            if (published is PublishedModel.Unreadable(var why, _))
            {
                unread.Add(new DriftNote(provider, group.Key, ProviderWords.Clean(why, key)));
                continue;
            }

            compared++;
            differences.AddRange(Compare(published, group.Select(sample => sample.Prepared))
                .Select(gap => new Difference(
                    provider,
                    group.Key,
                    [.. models.Select(model => model.Id)],
                    gap.Kind,
                    gap.Field,
                    ProviderWords.Clean(gap.Message, key))));
            differences.AddRange(models.SelectMany(model => Ends(provider, group.Key, model, published)));
        }

        return new DriftReport(differences, unread, [], compared);
    }

    private async Task<PublishedModel> ReadAsync(
        IModelPublisher publisher, string model, ProviderKey key, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var published = await publisher.ReadModelAsync(model, key, cancellationToken);
            if (tries == Tries || published is not PublishedModel.Unreadable { RetryAfter: { } wait } || wait > LongestWait)
            {
                return published;
            }

            await Task.Delay(wait, time, cancellationToken);
        }
    }

    private static IEnumerable<Gap> Compare(PublishedModel published, IEnumerable<PreparedSubmit> requests) => published switch
    {
        PublishedModel.Gone gone => [new Gap("gone", null, $"The vendor does not have this model: {gone.Reason}")],
        PublishedModel.Known { Input: { } schema } => requests
            .SelectMany(request => schema.Check(request.Input))
            .Select(gap => new Gap(gap.Kind, gap.Field, gap.Message))
            .Distinct(),
        _ => [],
    };

    private IEnumerable<Difference> Ends(string provider, string vendorModel, ModelSpec model, PublishedModel published)
    {
        var own = (published as PublishedModel.Known)?.Shutdown;
        if ((own ?? ends.Of(provider, vendorModel)) is { } end && end != model.Lifecycle.Shutdown)
        {
            var says = model.Lifecycle.Shutdown is { } ours ? Day(ours) : "nothing of an end";
            yield return new Difference(
                provider,
                vendorModel,
                [model.Id],
                "shutdown",
                null,
                $"{(own is null ? "OpenRouter expects its end" : "The vendor ends it")} on {Day(end)}; the catalogue says {says}.");
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private sealed record Gap(string Kind, string? Field, string Message);
}
