using Zoetrope.Server.Catalog;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Hosting.Commands.Drift;

/// <summary>
/// Days on which models end, from OpenRouter's public list. It serves the models of vendors who publish no such day where a
/// program can read it; no key is sent, and no task ever goes there.
/// </summary>
internal sealed class OpenRouterEnds(CatalogOptions options, EgressClient egress, ResultShelf shelf, TimeProvider time)
{
    /// <summary>Who made a model, in OpenRouter's words, by our name of the provider.</summary>
    private static readonly Dictionary<string, string> Makers = new(StringComparer.Ordinal)
    {
        ["bfl"] = "black-forest-labs",
        ["gemini"] = "google",
        ["openai"] = "openai",
        ["vertex"] = "google",
    };

    private Dictionary<string, DateOnly> _ends = [];

    /// <summary>Reads the list once; returns why it could not.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        if (options.OpenRouterUrl.Length == 0)
        {
            return null;
        }

        try
        {
            var site = new Uri(options.OpenRouterUrl.TrimEnd('/') + "/");
            var answer = await new VendorClient(egress.ForOperator(site), shelf, time).SendAsync(
                new HttpRequestMessage(HttpMethod.Get, new Uri(site, "api/v1/models?output_modalities=all")), cancellationToken);
            if (answer.Json.At("data") is null)
            {
                return $"HTTP {answer.Status}: {answer.Text}";
            }

            _ends = answer.Json.ItemsAt("data")
                .Select(model => (Id: model.TextAt("id"), End: model.DayAt("expiration_date")))
                .Where(model => model is { Id: not null, End: not null })
                .GroupBy(model => model.Id!, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.First().End!.Value, StringComparer.Ordinal);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return exception.Message;
        }
    }

    /// <summary>The day on which OpenRouter expects the model's end; null where it names none.</summary>
    public DateOnly? Of(string provider, string model) =>
        Makers.TryGetValue(provider, out var maker) && _ends.TryGetValue($"{maker}/{model}", out var end) ? end : null;
}
