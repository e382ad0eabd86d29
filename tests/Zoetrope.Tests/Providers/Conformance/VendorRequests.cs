using System.Net;
using System.Text;
using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Providers;

namespace Zoetrope.Tests.Providers.Conformance;

/// <summary>What tests of one adapter hand to it without the server around it.</summary>
internal static class VendorRequests
{
    /// <summary>A request of a catalogue's model as the driver would make it; parameters replace the defaults.</summary>
    public static ProviderRequest Make(ModelCatalog catalog, string model, string provider, string prompt, string key, object? parameters = null, params ReadOnlySpan<ProviderInput> inputs)
    {
        var spec = catalog.Find(model)!;
        return new ProviderRequest
        {
            AttemptId = $"att_{Guid.NewGuid():n}",
            Route = spec.Routes.First(route => route.Provider == provider),
            Key = new ProviderKey(key),
            Model = model,
            Mode = spec.Mode,
            Prompt = prompt,
            Parameters = JsonSerializer.SerializeToElement(parameters ?? new { resolution = "1K", aspect_ratio = "1:1", output_format = "png" }),
            Inputs = [.. inputs],
            Output = new OutputSpec { Media = spec.MediaType, Format = "png", Width = 1024, Height = 1024 },
            IntendedAt = TimeProvider.System.GetUtcNow(),
        };
    }

    /// <summary>A vendor's answer, read as a client reads it.</summary>
    public static async Task<VendorAnswer> AnswerAsync(int status, string body, params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return await VendorAnswer.ReadAsync(response, shelf: null, TimeProvider.System, CancellationToken.None);
    }
}
