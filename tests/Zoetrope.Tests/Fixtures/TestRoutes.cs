using Zoetrope.Server;
using Zoetrope.Server.Catalog.Loading;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Catalog.Schema;

namespace Zoetrope.Tests.Fixtures;

/// <summary>Routes of a model that takes a bit of everything, read as the catalogue's are.</summary>
internal static class TestRoutes
{
    private static readonly ParameterSpec[] Parameters =
    [
        new() { Name = "aspect_ratio", Type = ParameterType.String },
        new() { Name = "duration", Type = ParameterType.Integer },
        new() { Name = "seed", Type = ParameterType.Integer },
        new() { Name = "resolution", Type = ParameterType.String },
        new() { Name = "audio", Type = ParameterType.Boolean },
        new() { Name = "words", Type = ParameterType.StringArray },
        new() { Name = "image_urls", Type = ParameterType.StringArray, Input = InputKind.Image, MaxItems = 9 },
        new() { Name = "reference_image_urls", Type = ParameterType.StringArray, Input = InputKind.Image, MaxItems = 9 },
        new() { Name = "reference_video_urls", Type = ParameterType.StringArray, Input = InputKind.Video, MaxItems = 3 },
        new() { Name = "video_url", Type = ParameterType.String, Input = InputKind.Video },
    ];

    public static RouteSpec Of(string provider, string model, params (string Ours, string? Path)[] fields)
    {
        var all = fields.Any(field => field.Ours == "*");
        var named = Parameters.Where(parameter => all || fields.Any(field => field.Ours.Split('[')[0] == parameter.Name)).ToList();
        var errors = new List<CatalogError>();
        var route = RouteReader.Read(
            new RouteEntry { Provider = provider, Model = model, Params = new(fields.Select(field => KeyValuePair.Create(field.Ours, field.Path))) },
            new RoutedModel(named, new HashSet<string>(), new PromptSpec(Required: false, 0, 1000), RouteSpec.KnownProviders),
            "route",
            errors);
        Assert.Empty(errors);
        return route;
    }
}
