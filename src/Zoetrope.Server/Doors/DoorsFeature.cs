using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Doors.Shared.Browsers;
using Zoetrope.Server.Doors.Shared.Bodies;
using Zoetrope.Server.Doors.Shared.Paid;

namespace Zoetrope.Server.Doors;

/// <summary>What all doors share: one shape of error, the caller, and the paid call.</summary>
internal static class DoorsFeature
{
    public static IServiceCollection AddDoors(this IServiceCollection services, BodyOptions? bodies = null) => services
        .AddSingleton(bodies ?? new BodyOptions())
        .AddSingleton<LargeBodies>()
        .AddSingleton<SessionCookie>()
        .AddSingleton<ICallerSource, SessionCallers>()
        .AddSingleton<ICallerSource, ApiKeyCallers>()
        .AddSingleton<Callers>()
        .AddSingleton<TaskViews>()
        .AddSingleton<TaskWriter>()
        .AddSingleton<TaskCalls>()
        .AddSingleton<PaidCall>()
            .AddSingleton<Estimates>()
        .AddExceptionHandler<UnhandledErrors>()
        .AddCors();

    /// <summary>Outermost: every failure below leaves as a problem, and no answer is taken for another type than it says.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app
        .Use(static (context, next) =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        })
        .UseExceptionHandler(static _ => { })
        .UseStatusCodePages(static context => UnhandledErrors.WriteStatusAsync(context.HttpContext));

    /// <summary>After routing, before anything that acts on the endpoint: who is calling, and how much of the body may be read.</summary>
    public static IApplicationBuilder UseCallers(this IApplicationBuilder app) => app.UseMiddleware<CallerMiddleware>().UseBodyLimits();
}
