using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors;

/// <summary>What all doors share: one shape of error, the caller, and the paid call.</summary>
internal static class DoorsFeature
{
    public static IServiceCollection AddDoors(this IServiceCollection services) => services
        .AddExceptionHandler<UnhandledErrors>()
        .AddCors()
        .AddSingleton<PaidCall>();

    /// <summary>Outermost: every failure below leaves as a problem.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app
        .UseExceptionHandler(static _ => { })
        .UseStatusCodePages(static context => UnhandledErrors.WriteStatusAsync(context.HttpContext));

    /// <summary>After routing, before anything that acts on the endpoint.</summary>
    public static IApplicationBuilder UseCallers(this IApplicationBuilder app) => app.UseMiddleware<CallerMiddleware>();
}
