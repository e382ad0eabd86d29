using System.Collections.Immutable;
using System.Globalization;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Listing;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/models</c>: the catalogue, open to everyone.</summary>
internal static class ModelEndpoints
{
    private const int MaxLimit = 1_000;

    private static readonly ImmutableArray<string> Views = ["short", "full"];
    private static readonly ImmutableArray<string> Kinds = ["image", "video", "audio"];

    public static IEndpointRouteBuilder MapModelEndpoints(this IEndpointRouteBuilder routes)
    {
        const string why = "the catalogue is public, as VicSee's is";
        const string available =
            "`available` says whether a live key can use the model now; with a test key it is always true, because test keys run in "
            + "the sandbox.";

        // Test keys run every model in the sandbox, so to them every model is available.
        var toTest = new ListedAnswers(new CatalogListing(routes.ServiceProvider.GetRequiredService<CatalogHolder>(), static _ => true));
        var toLive = new ListedAnswers(routes.ServiceProvider.GetRequiredService<CatalogListing>());
        routes.MapGet("/api/v1/models", (HttpContext context) => List(context.Request, IsTest(context.Request) ? toTest : toLive))
            .AllowAnonymousCaller(why)
            .WithName("listModels")
            .WithSummary("List models with their parameters and prices")
            .WithTags("Models")
            .WithQuery("type", "string", "image, video or music.")
            .WithQuery("view", "string", "short, which is the default, or full: with each model's JSON Schema and limits of files.")
            .WithQuery("limit", "integer", "The most models to list; by default all.")
            .WithDescription(
                $"{available} The answer has an ETag: send it as If-None-Match, and a list that has not changed is not sent again.");

        // The rest of the path, because some aliases have a slash.
        routes.MapGet(
            "/api/v1/models/{**name}",
            (HttpContext context, string? name) => Show(context.Request, IsTest(context.Request) ? toTest : toLive, name ?? ""))
            .AllowAnonymousCaller(why)
            .WithName("getModel")
            .WithSummary("Read one model in full: parameters, JSON Schema, limits and prices")
            .WithTags("Models")
            .WithQuery(
                "inputs",
                "string",
                "Kinds of the files you will attach, such as image or image,video: they choose the model of a family.")
            .WithDescription($"The name is an id, an alias or a family, such as `seedance-2-0` or `Seedance 2.0`. {available}")
            .Produces<Envelope<ModelListing>>();
        return routes;
    }

    private static bool IsTest(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith("Bearer sk-test-", StringComparison.OrdinalIgnoreCase);

    private static Answer List(HttpRequest request, ListedAnswers answers)
    {
        if (Unknown(request.Query, ["type", "view", "limit"]) is { } unknown)
        {
            return unknown;
        }

        var view = request.Query["view"].ToString();
        if (view.Length > 0 && !Views.Contains(view))
        {
            return Problems.InvalidParameter.With("view must be short or full.", "view", ShortText.Of(view), string.Join(", ", Views));
        }

        int? limit = null;
        if (request.Query["limit"].ToString() is { Length: > 0 } given)
        {
            if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MaxLimit)
            {
                return Problems.InvalidParameter.With(
                    $"limit must be a whole number from 1 to {MaxLimit}.", "limit", ShortText.Of(given), $"1..{MaxLimit}");
            }

            limit = number;
        }

        return answers.List(new ListingQuery(request.Query["type"].ToString(), view == "full") { Limit = limit });
    }

    private static Answer Show(HttpRequest request, ListedAnswers answers, string name)
    {
        if (Unknown(request.Query, ["inputs"]) is { } unknown)
        {
            return unknown;
        }

        var inputs = request.Query["inputs"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (Array.Find(inputs, kind => !Kinds.Contains(kind)) is { } wrong)
        {
            return Problems.InvalidParameter.With(
                "inputs must be a list of image, video and audio.", "inputs", ShortText.Of(wrong), string.Join(", ", Kinds));
        }

        // The path's own slashes are read, an escaped one is not.
        name = name.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        return answers.One(name, new Attached([], [.. inputs.Distinct().Select(kind => Enum.Parse<InputKind>(kind, ignoreCase: true))]));
    }

    // A misspelt filter would return another list. Names that a reader of one task or page does not know are ignored elsewhere.
    private static Problem? Unknown(IQueryCollection query, IReadOnlyList<string> known) =>
        query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } name
            ? Problems.UnknownParameter.With($"Unknown query parameter {ShortText.Of(name)}.", ShortText.Of(name), allowed: string.Join(", ", known))
            : null;
}
