using System.Text.Json.Nodes;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Hosting;

/// <summary>The two questions an orchestrator asks: restart me? send me work?</summary>
internal static class HealthFeature
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services.AddSingleton<Readiness>();

    public static void MapHealth(this WebApplication app)
    {
        var health = app.MapGroup("/health").ExcludeFromDescription().AllowAnonymousCaller("orchestrators probe without a key");
        health.MapGet("/live", () => Results.Text("live\n"));
        health.MapGet("/ready", async (Readiness readiness, ServerStop stop) => Render(await readiness.AskAsync(), stop.HasBegun));
    }

    private static IResult Render(ReadinessAnswer answer, bool stopping)
    {
        var ready = answer.Ready && !stopping;
        var json = new JsonObject
        {
            ["ready"] = ready,
            ["database"] = answer.Database,
            ["silo"] = answer.Silo,
            ["ffmpeg"] = answer.Ffmpeg,
            ["artifacts"] = answer.Artifacts,
            ["stopping"] = stopping,
        };
        return Results.Text(json.ToJsonString(WireJson.Options), "application/json", statusCode: ready ? 200 : 503);
    }
}
