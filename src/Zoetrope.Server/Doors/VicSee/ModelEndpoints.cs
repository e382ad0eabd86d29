using System.Collections.Immutable;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.VicSee;

/// <summary><c>GET /api/v1/models</c>: the catalogue, open to everyone.</summary>
internal static class ModelEndpoints
{
    private static readonly ImmutableArray<string> Kinds = ["image", "video", "audio"];

    public static IEndpointRouteBuilder MapModelEndpoints(this IEndpointRouteBuilder routes)
    {
        const string why = "the catalogue is public, as VicSee's is";
        const string available =
            "`available` says whether a live key can use the model now; with a test key it is always true, because test keys run in "
            + "the sandbox.";

        routes.MapGet("/api/v1/models", ListAsync)
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
        routes.MapGet("/api/v1/models/{**name}", ShowAsync)
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

    private static async Task<Answer> ListAsync(HttpContext context, Callers callers, ModelAnswers models)
    {
        if (ListingView.Read(context.Request.Query, ["type", "view", "limit"]).Failed(out var problem, out var query))
        {
            return problem;
        }

        var (mode, caller) = await AskerAsync(context, callers);
        return models.Of(mode).List(query with { Only = caller?.Limits.Models });
    }

    // Anybody may ask. Whoever shows a key, or is signed in, sees what they can use; a key that does not work sees what nobody's would.
    private static async ValueTask<(KeyMode Mode, Caller? Caller)> AskerAsync(HttpContext context, Callers callers)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return callers.IsSession(context.Request) && !(await callers.AuthenticateAsync(context, Scopes.None)).Failed(out _, out var person)
                ? (person.Mode, person)
                : (KeyMode.Live, null);
        }

        var isTest = header.ToString().StartsWith("Bearer sk-test-", StringComparison.OrdinalIgnoreCase);
        return (await callers.AuthenticateAsync(context, Scopes.None)).Failed(out _, out var caller)
            ? (isTest ? KeyMode.Test : KeyMode.Live, null)
            : (caller.Mode, caller);
    }

    private static async Task<Answer> ShowAsync(HttpContext context, Callers callers, ModelAnswers models, string? name)
    {
        var request = context.Request;
        if (ListingView.Unknown(request.Query, ["inputs"]) is { } unknown)
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
        name = (name ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        var (mode, caller) = await AskerAsync(context, callers);
        var attached = new Attached([], [.. inputs.Distinct().Select(kind => Enum.Parse<InputKind>(kind, ignoreCase: true))]);
        return models.Of(mode).One(name, attached, caller);
    }
}
