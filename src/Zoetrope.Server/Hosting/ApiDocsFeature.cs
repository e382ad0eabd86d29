using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Zoetrope.Server.Hosting;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c> and its reader at <c>/docs</c>; neither loads anything from elsewhere.</summary>
internal static class ApiDocsFeature
{
    public const string DocumentName = "v1";
    private const string Bearer = "bearer";

    public static IServiceCollection AddApiDocs(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Secure(operation, context);
            return Task.CompletedTask;
        });
    });

    public static void MapApiDocs(this WebApplication app)
    {
        // TODO accounts: .AllowAnonymousCaller("the API's description is public") on both
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapScalarApiReference("/docs", options =>
        {
            options.Title = "Zoetrope API";
            options.OpenApiRoutePattern = "/openapi/{documentName}.json";
            options.DisableDefaultFonts();
            options.Telemetry = false;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.HideClientButton = true;
        });
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "Zoetrope API";
        document.Info.Version = "1";
        document.Info.Description = "Image and video generation, wire-compatible with the VicSee API. Send your key as `Authorization: Bearer sk-…`.";

        // The document is the same wherever it is generated; clients know where they got it.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key: sk-test-… renders with the built-in sandbox, sk-live-… reaches real providers.",
        };
    }

    private static void Secure(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        // TODO accounts: return early when the endpoint's metadata says AllowAnonymousCaller
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
    }
}
