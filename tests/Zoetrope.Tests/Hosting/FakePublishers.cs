using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Zoetrope.Tests.Hosting;

/// <summary>
/// What five vendors publish about one model each, in the shapes of their documents, on one real port. A test changes a document
/// and is the vendor who has changed its mind.
/// </summary>
internal sealed class FakePublishers : IAsyncDisposable
{
    public const string Key = "key-that-must-not-be-shown-0123456789";
    private readonly WebApplication _app;
    private int _busy;

    private FakePublishers(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Everything that was asked: method, path with query, and whether a credential came with it.</summary>
    public ConcurrentQueue<(string Method, string Path, bool Key)> Asked { get; } = [];

    public Dictionary<string, JsonNode> Documents { get; } = new()
    {
        ["/api/openapi/queue/openapi.json?endpoint_id=kling%2Fv4%2Ftext-to-video"] = Fal("kling/v4/text-to-video"),
        ["/v1/models/google/nano-banana-pro"] = Replicate(),
        ["/v1/models/gpt-image-2.6-flare"] = JsonNode.Parse("""{"id":"gpt-image-2.6-flare","object":"model","created":1791000000,"owned_by":"system","shutdown_date":null}""")!,
        ["/v1beta/models/gemini-2.5-flash-image"] = JsonNode.Parse("""{"name":"models/gemini-2.5-flash-image","version":"2.0","displayName":"Nano Banana","supportedGenerationMethods":["generateContent","countTokens"]}""")!,
        ["/openapi.json"] = Bfl(),
        ["/api/v1/models?output_modalities=all"] = JsonNode.Parse("""{"data":[{"id":"google/gemini-2.5-flash-image","expiration_date":"2027-03-15"},{"id":"openai/gpt-image-2.6-flare","expiration_date":null}]}""")!,
    };

    /// <summary>How many questions to vendors are answered with 429 before any is answered.</summary>
    public int Busy
    {
        set => _busy = value;
    }

    public JsonObject FalInput => Documents["/api/openapi/queue/openapi.json?endpoint_id=kling%2Fv4%2Ftext-to-video"]["components"]!["schemas"]!["KlingV4TextToVideoInput"]!.AsObject();

    public JsonObject ReplicateSchemas => Documents["/v1/models/google/nano-banana-pro"]["latest_version"]!["openapi_schema"]!["components"]!["schemas"]!.AsObject();

    public JsonObject BflInput => Documents["/openapi.json"]["components"]!["schemas"]!["Flux3ImageInputs"]!.AsObject();

    public Dictionary<string, string?> Settings
    {
        get
        {
            var settings = new Dictionary<string, string?>
            {
                ["Fal:SchemaUrl"] = Address.ToString(),
                ["Catalog:OpenRouterUrl"] = Address.ToString(),
                ["Providers:replicate:BaseUrl"] = $"{Address}v1",
                ["Providers:openai:BaseUrl"] = $"{Address}v1",
                ["Providers:fal:BaseUrl"] = Address.ToString(),
                ["Providers:gemini:BaseUrl"] = Address.ToString(),
                ["Providers:bfl:BaseUrl"] = Address.ToString(),
            };
            foreach (var provider in new[] { "fal", "replicate", "openai", "gemini", "bfl" })
            {
                settings[$"Providers:{provider}:ApiKey"] = Key;
            }

            return settings;
        }
    }

    public static async Task<FakePublishers> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var publishers = new FakePublishers(app);
        app.Run(publishers.AnswerAsync);
        await app.StartAsync();
        return publishers;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        var path = request.Path.Value + request.QueryString.Value;
        var headers = string.Concat(request.Headers.Select(header => $"{header.Key}: {header.Value}\n"));
        Asked.Enqueue((request.Method, path, headers.Contains(Key, StringComparison.Ordinal)));
        if (!path.StartsWith("/api/v1/models", StringComparison.Ordinal) && Interlocked.Decrement(ref _busy) >= 0)
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "0");
            await context.Response.WriteAsync("slow down");
            return;
        }

        var known = Documents.TryGetValue(path, out var document);
        context.Response.StatusCode = known ? 200 : 404;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(known ? document!.ToJsonString() : $$"""{"detail":"not found; you sent {{Key}}"}""");
    }

    // fal: one document for each endpoint, the input behind the reference of its POST.
    private static JsonNode Fal(string model) => JsonNode.Parse("""
        {"openapi": "3.0.4", "info": {"title": "Queue OpenAPI for MODEL", "version": "1.0.0", "x-fal-metadata": {"endpointId": "MODEL"}},
         "components": {"schemas": {
           "QueueStatus": {"type": "object", "properties": {"status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]}}},
           "KlingV4TextToVideoInput": {"title": "TextToVideoInput", "type": "object", "x-fal-order-properties": ["prompt", "multi_prompt", "duration", "resolution", "aspect_ratio"],
             "properties": {
               "prompt": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Prompt"},
               "multi_prompt": {"anyOf": [{"type": "array", "items": {"$ref": "#/components/schemas/KlingV4Shot"}}, {"type": "null"}]},
               "duration": {"type": "integer", "minimum": 3, "maximum": 30, "default": 5},
               "resolution": {"type": "string", "enum": ["720p", "1080p"], "default": "1080p"},
               "aspect_ratio": {"anyOf": [{"type": "string", "enum": ["16:9", "9:16", "1:1", "21:9"]}, {"type": "string", "enum": ["auto"]}], "default": "16:9"}},
             "required": []},
           "KlingV4Shot": {"type": "object", "properties": {"prompt": {"type": "string"}, "duration": {"type": "integer"}}, "required": ["prompt"]}}},
         "paths": {
           "/MODEL/requests/{request_id}/status": {"get": {}},
           "/MODEL": {"post": {"requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KlingV4TextToVideoInput"}}}}}}},
         "servers": [{"url": "https://queue.fal.run"}]}
        """.Replace("MODEL", model, StringComparison.Ordinal))!;

    // Replicate: a schema for each version, its lists behind references.
    private static JsonNode Replicate() => JsonNode.Parse("""
        {"url": "https://replicate.com/google/nano-banana-pro", "owner": "google", "name": "nano-banana-pro", "visibility": "public", "is_official": true,
         "latest_version": {"id": "d2", "openapi_schema": {"openapi": "3.0.2", "info": {"title": "Cog", "version": "0.1.0"}, "paths": {}, "components": {"schemas": {
           "Input": {"type": "object", "title": "Input", "required": ["prompt"], "properties": {
             "prompt": {"type": "string", "title": "Prompt", "x-order": 0},
             "image_input": {"type": "array", "items": {"type": "string", "format": "uri"}, "default": [], "x-order": 1},
             "aspect_ratio": {"allOf": [{"$ref": "#/components/schemas/aspect_ratio"}], "default": "match_input_image", "x-order": 2},
             "resolution": {"allOf": [{"$ref": "#/components/schemas/resolution"}], "default": "2K", "x-order": 3},
             "output_format": {"allOf": [{"$ref": "#/components/schemas/output_format"}], "default": "jpg", "x-order": 4},
             "allow_fallback_model": {"type": "boolean", "default": false, "x-order": 6}}},
           "Output": {"type": "string", "format": "uri"},
           "aspect_ratio": {"enum": ["match_input_image", "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"], "type": "string"},
           "resolution": {"enum": ["1K", "2K", "4K"], "type": "string"},
           "output_format": {"enum": ["jpg", "png"], "type": "string"}}}}}}
        """)!;

    // Black Forest Labs: one document for all models, which refuses what it does not name.
    private static JsonNode Bfl() => JsonNode.Parse("""
        {"openapi": "3.1.0", "info": {"title": "BFL API", "version": "0.0.1"}, "paths": {
           "/v1/flux-3-image": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Flux3ImageInputs"}}}, "required": true}}}},
         "components": {"schemas": {
           "Flux3ImageInputs": {"type": "object", "additionalProperties": false, "required": ["prompt"], "properties": {
             "prompt": {"type": "string"},
             "images": {"anyOf": [{"type": "array", "maxItems": 10, "items": {"type": "string"}}, {"type": "null"}]},
             "aspect_ratio": {"type": "string", "enum": ["auto", "21:9", "2:1", "16:9", "3:2", "7:5", "4:3", "5:4", "1:1", "4:5", "3:4", "5:7", "2:3", "9:16", "1:2", "9:21"]},
             "resolution": {"allOf": [{"$ref": "#/components/schemas/ImageResolution"}], "default": "1k"},
             "safety_tolerance": {"type": "integer", "minimum": 0, "maximum": 4},
             "grounding": {"type": "boolean"},
             "version": {"type": "string"}}},
           "ImageResolution": {"type": "string", "enum": ["768sq", "1k", "1.5k", "2k", "4k"]}}}}
        """)!;
}
