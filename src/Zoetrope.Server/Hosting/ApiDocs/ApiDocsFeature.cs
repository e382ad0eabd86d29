using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.OpenApi;
using Scalar.AspNetCore;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Contracts.VicSee;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Hosting.ApiDocs;

/// <summary>
/// The OpenAPI document at <c>/openapi/v1.json</c> and its reader at <c>/docs</c>; neither loads anything from elsewhere.
/// </summary>
internal static class ApiDocsFeature
{
    public const string DocumentName = "v1";
    private const string Customer = "apiKey";
    private const string Operator = "operatorKey";
    private const string Browser = "session";

    /// <summary>What the committed description names; a running server names the address that it was asked at.</summary>
    private const string ExampleAddress = "http://127.0.0.1:8080";

    /// <param name="services">The server's.</param>
    /// <param name="publicUrl">The address that the operator has set; empty is none.</param>
    public static IServiceCollection AddApiDocs(this IServiceCollection services, string publicUrl) => services
        .AddResponseCompression(static options => options.EnableForHttps = true)
        .AddOpenApi(DocumentName, options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;

        // Wrappers and free-form values are shown where they stand: their names are those of our code and say nothing.
        options.CreateSchemaReferenceId = static type =>
            type.Type.IsGenericType || type.Type == typeof(JsonElement) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            ApiSchemas.Correct(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            Describe(document, publicUrl);
            ApiText.Tidy(document);
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

    private static void Describe(OpenApiDocument document, string publicUrl)
    {
        document.Info.Title = "Zoetrope API";
        document.Info.Version = "1";
        document.Info.Description =
            """
            Images and videos from many models: one shape of request, one life of a task. The API is wire-compatible with VicSee's;
            OpenAI's clients use `/v1`, and agents connect over MCP at `/mcp`.

            **Authentication.** Send your key as `Authorization: Bearer sk-…`. A key that begins with `sk-test-` uses the built-in
            sandbox; one that begins with `sk-live-` reaches the models.

            **A request** is answered with a task at once. Read it with `?wait=30` until it is `completed` or `failed`, follow its
            events, or be called by a webhook. A retry with the same `Idempotency-Key` makes and costs nothing twice.

            **Refusals** have one shape, `{"success": false, "error": {"code", "message", …}}`; the code never changes.

            Guides: [errors](/guides/errors), [webhooks](/guides/webhooks), [event streams](/guides/events),
            [batches](/guides/batches), [idempotency](/guides/idempotency), [all others](/guides).
            Each model has [a page](/models) with its parameters, its prices and an example.
            """;

        // Filled in from the request that asks; the file in the repository is the same wherever it is generated.
        var address = publicUrl.Length > 0 ? publicUrl : document.Servers?.FirstOrDefault()?.Url ?? ExampleAddress;
        document.Servers = [new OpenApiServer { Url = address.TrimEnd('/') }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Customer] = Scheme(
            "An API key. A key sk-test-… uses the built-in sandbox; a key sk-live-… reaches real providers.");
        document.Components.SecuritySchemes[Operator] = Scheme(
            "The operator's key: the setting Admin:Key, or `secrets/admin.key` in the data directory.");
        document.Components.SecuritySchemes[Browser] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Cookie,
            Name = "__Host-zt",
            Description = "The cookie of a signed-in browser, from the server's own pages only and without an Authorization header. Whatever "
                + "changes something needs the header X-Zoetrope-Studio: 1. X-Zoetrope-Mode says test, the default, or live.",
        };
    }

    private static OpenApiSecurityScheme Scheme(string description) =>
        new() { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = description };

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

        ApiWords.Find($"{context.Description.HttpMethod} /{context.Description.RelativePath?.Replace("{**", "{", StringComparison.Ordinal)}")?.Apply(operation);
        if (metadata.OfType<ApiExample>().FirstOrDefault() is { } example
            && operation.RequestBody?.Content?["application/json"] is { } body)
        {
            body.Example = JsonNode.Parse(example.Json);
        }

        if (!metadata.OfType<AccessRule.Anonymous>().Any())
        {
            var isOpenAi = context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) is true;
            var error = isOpenAi ? typeof(OpenAiError) : typeof(ErrorEnvelope);
            operation.Responses ??= [];
            operation.Responses["default"] = new OpenApiResponse
            {
                Description = "The request was refused. Nothing was made or charged. [The codes](/guides/errors).",
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
        var rule = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault();
        if (rule is not AccessRule.Anonymous)
        {
            string[] schemes = [rule is AccessRule.Operator ? Operator : Customer, Browser];
            operation.Security =
            [
                .. schemes.Skip(rule is AccessRule.Session ? 1 : 0).Take(rule is { TakesSessions: false } ? 1 : 2).Select(scheme =>
                    new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, context.Document)] = [] }),
            ];
        }
    }
}
