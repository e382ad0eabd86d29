using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// The OpenAPI document at <c>/openapi/v1.json</c> and its reader at <c>/docs</c>; neither loads anything from elsewhere.
/// </summary>
internal static class ApiDocsFeature
{
    public const string DocumentName = "v1";
    private const string Bearer = "bearer";

    public static IServiceCollection AddApiDocs(this IServiceCollection services) => services
        .AddResponseCompression(static options => options.EnableForHttps = true)
        .AddOpenApi(DocumentName, options =>
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
            return DescribeAsync(operation, context);
        });
    });

    public static void MapApiDocs(this WebApplication app)
    {
        const string Public = "the API's description is public";

        // Nothing else: an answer with a secret in it whose length depends on a request could be guessed letter by letter.
        app.UseWhen(
            static context => context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal)
                || context.Request.Path.StartsWithSegments("/openapi", StringComparison.Ordinal),
            static branch => branch.UseResponseCompression());
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymousCaller(Public);
        app.MapScalarApiReference("/docs", options =>
        {
            options.Title = "Zoetrope API";
            options.OpenApiRoutePattern = "/openapi/{documentName}.json";
            options.DisableDefaultFonts();
            options.Telemetry = false;
            options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            options.Agent = new ScalarAgentOptions { Disabled = true };
            options.HideClientButton = true;
        }).AllowAnonymousCaller(Public);
    }

    private static void Describe(OpenApiDocument document)
    {
        document.Info.Title = "Zoetrope API";
        document.Info.Version = "1";
        document.Info.Description =
            "Image and video generation, wire-compatible with the VicSee API. Send your key as `Authorization: Bearer sk-…`.";

        // The document is the same wherever it is generated; clients know where they got it.
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key. A key sk-test-… uses the built-in sandbox; a key sk-live-… reaches real providers.",
        };
    }

    // The hot handlers read their requests by hand, so what they read is written beside their routes.
    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        operation.Parameters ??= [];
        foreach (var part in RoutePatternFactory.Parse(context.Description.RelativePath ?? "").Parameters)
        {
            if (operation.Parameters.All(parameter => parameter.Name != part.Name))
            {
                operation.Parameters.Add(Parameter(ParameterLocation.Path, part.Name, JsonSchemaType.String, null, required: true));
            }
        }

        foreach (var note in metadata.OfType<ApiParameter>())
        {
            var place = note.Place == "header" ? ParameterLocation.Header : ParameterLocation.Query;
            operation.Parameters.Add(
                Parameter(place, note.Name, Enum.Parse<JsonSchemaType>(note.Type, ignoreCase: true), note.Description, required: false));
        }

        if (metadata.OfType<ApiExample>().FirstOrDefault() is { } example
            && operation.RequestBody?.Content?["application/json"] is { } body)
        {
            body.Example = JsonNode.Parse(example.Json);
        }

        if (metadata.OfType<AccessRule.Key>().Any())
        {
            var isOpenAi = context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) is true;
            var error = isOpenAi ? typeof(OpenAiError) : typeof(ErrorEnvelope);
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "The request was refused. Nothing was made or charged. docs/errors.md lists the codes.",
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    ["application/json"] = new() { Schema = await context.GetOrCreateSchemaAsync(error) },
                },
            };
        }
    }

    private static OpenApiParameter Parameter(
        ParameterLocation place, string name, JsonSchemaType type, string? description, bool required) =>
        new() { In = place, Name = name, Description = description, Required = required, Schema = new OpenApiSchema { Type = type } };

    private static void Secure(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule.Anonymous>().Any())
        {
            return;
        }

        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
    }
}
