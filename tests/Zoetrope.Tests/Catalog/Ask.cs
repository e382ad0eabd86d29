using System.Text.Json;
using Zoetrope.Server;
using Zoetrope.Server.Admission.Requests;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared.Paid;

namespace Zoetrope.Tests.Catalog;

/// <summary>Asks the embedded catalogue as a client of POST /generate would.</summary>
internal static class Ask
{
    public static ModelCatalog Catalog { get; } = CatalogLoader.Load(CatalogLoader.Embedded()).Catalog!;

    public static Outcome<ResolvedRequest> Resolve(string body)
    {
        using var document = JsonDocument.Parse(body);
        var draft = GenerateBody.Read(document.RootElement);
        return draft.Failed(out var problem) ? problem : RequestResolver.Resolve(Catalog, draft.Value);
    }

    public static ResolvedRequest Resolved(string body)
    {
        var request = Resolve(body);
        Assert.Null(request.Problem);
        return request.Value;
    }

    public static Problem Refused(string body)
    {
        var request = Resolve(body);
        Assert.NotNull(request.Problem);
        return request.Problem;
    }

    /// <summary>Prices a request whose every file turns out to be like <paramref name="file"/>.</summary>
    public static Outcome<Quote> Price(string body, MediaProbe? file = null)
    {
        var request = Resolve(body);
        return request.Failed(out var problem) ? problem : Price(request.Value, file);
    }

    public static Outcome<Quote> Price(ResolvedRequest request, MediaProbe? file = null) =>
        RequestPricing.Price(request, [.. request.Inputs.Select(input => new ResolvedInput(input, "art_1", file ?? Video(1280, 720, 5)))]);

    public static MediaProbe Video(int? width, int? height, double? seconds, string? audio = null) => new()
    {
        ContentType = "video/mp4",
        Bytes = 1000,
        Sha256 = "00",
        Width = width,
        Height = height,
        DurationSeconds = seconds,
        FramesPerSecond = 30,
        AudioCodec = audio,
    };

    /// <summary>The shortest body that a model accepts.</summary>
    public static string Smallest(ModelSpec model, params (string Name, string Json)[] more)
    {
        var needed = model.Parameters.Where(parameter => parameter.Required).ToList();
        if (model.Rules.OfType<ModelRule.AnyOf>().FirstOrDefault() is { } any && !more.Any(item => item.Name.StartsWith("reference_", StringComparison.Ordinal)))
        {
            needed.Add(model.Parameters[any.Parameters[0]]);
        }

        var fields = needed
            .Where(parameter => more.All(item => item.Name != parameter.Name))
            .Select(parameter => parameter.Type == ParameterType.String
                ? $"\"{parameter.Name}\":\"https://files.example.test/a\""
                : $"\"{parameter.Name}\":[{string.Join(',', Enumerable.Repeat("\"https://files.example.test/a\"", Math.Max(1, parameter.MinItems ?? 1)))}]")
            .Concat(more.Select(item => $"\"{item.Name}\":{item.Json}"))
            .Prepend("\"prompt\":\"a red fox\"");
        return $"{{\"model\":\"{model.Id}\",\"input\":{{{string.Join(',', fields)}}}}}";
    }
}
