using ModelContextProtocol.AspNetCore;
using Zoetrope.Server.Doors.Shared;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Doors.Mcp;

/// <summary>
/// The door for agents: the Model Context Protocol over HTTP at <c>/mcp</c>, and at the bare host for clients that are given
/// nothing else. Without sessions that a node would keep: every request carries its key, and any node answers it.
/// </summary>
internal static class McpFeature
{
    public static IServiceCollection AddMcpDoor(this IServiceCollection services, McpOptions options)
    {
        services
            .AddSingleton(options)
            .AddSingleton<McpOrigin>()
            .AddSingleton<McpResults>()
            .AddSingleton<McpSubmit>()
            .AddSingleton<McpQuestions>()
            .AddSingleton<IRetention>(static provider => provider.GetRequiredService<McpQuestions>())
            .AddSingleton<TaskWaiting>()
            .AddSingleton<ModelTools>()
            .AddSingleton<GenerateTools>()
            .AddSingleton<TaskTools>()
            .AddSingleton<McpToolList>()
            .AddSingleton<McpTasks>()
            .AddSingleton<McpResources>()
            .AddSingleton<McpDoor>();
        services.AddMcpServer().WithHttpTransport(static transport =>
        {
            transport.SessionMode = HttpServerSessionMode.Stateless;
            transport.ConfigureSessionOptions = static (context, options, _) =>
                context.RequestServices.GetRequiredService<McpDoor>().Configure(context, options);
        });
        return services;
    }

    public static IEndpointRouteBuilder MapMcpDoor(this IEndpointRouteBuilder routes)
    {
        var origin = routes.ServiceProvider.GetRequiredService<McpOrigin>();
        var questions = routes.ServiceProvider.GetRequiredService<McpQuestions>();
        foreach (var path in new[] { "/mcp", "/" })
        {
            // Each tool asks for the scope it needs: a key that may only read can still list what it could do.
            routes.MapMcp(path).RequireProgram(Scopes.None).ExcludeFromDescription().Add(endpoint => Guard(endpoint, origin, questions));
        }

        return routes;
    }

    private static void Guard(EndpointBuilder endpoint, McpOrigin origin, McpQuestions questions)
    {
        var handle = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            if (origin.Refusal(context.Request) is { } problem)
            {
                return ProblemResponse.WriteAsync(context, problem);
            }

            context.Response.Body = new PlainJsonStream(context.Response.Body);
            return HttpMethods.IsPost(context.Request.Method) ? McpMessage.HandleAsync(context, questions, handle) : handle(context);
        };
    }
}
