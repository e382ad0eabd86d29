using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Zoetrope.Cli.Media;
using Zoetrope.Client;
using Zoetrope.Server;

namespace Zoetrope.Cli.Mcp;

/// <summary>
/// What only this side can do: the tool <c>vicsee_upload</c>, and files of this machine as inputs of the other tools. Only images,
/// videos and sounds leave the machine, by their bytes: a model that is talked into naming a private key gets nothing.
/// </summary>
internal sealed class LocalFiles(Invocation invocation)
{
    public const string UploadTool = "vicsee_upload";

    /// <summary>A longer text is not a path but a file in base64.</summary>
    private const int MaxPath = 1_024;

    private static readonly string[] Endings =
    [
        ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".heic",
        ".mp4", ".mov", ".webm",
        ".mp3", ".wav", ".ogg", ".flac", ".m4a",
    ];

    /// <summary>Adds the tool to the server's last page of tools.</summary>
    public static void AddTool(JsonObject result)
    {
        if (result["tools"] is JsonArray tools && result["nextCursor"] is null && !tools.Any(tool => (string?)tool?["name"] == UploadTool))
        {
            tools.Add(JsonSerializer.SerializeToNode(Upload, McpJsonUtilities.DefaultOptions));
        }
    }

    /// <summary>Answers a request itself, or rewrites the files that it names and returns null.</summary>
    public async Task<JsonRpcMessage?> HandleAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        if (request.Method != RequestMethods.ToolsCall || request.Params is not JsonObject call)
        {
            return null;
        }

        try
        {
            if ((string?)call["name"] == UploadTool)
            {
                return Answer(request.Id, await UploadAsync(call["arguments"], cancellationToken));
            }

            if (call["arguments"] is JsonObject arguments)
            {
                await ReplaceAsync(arguments, cancellationToken);
            }

            return null;
        }
        catch (CliException failure)
        {
            return Answer(request.Id, Failed(failure.Code, failure.Message));
        }
        catch (ZoetropeRefusedException refusal)
        {
            return Answer(request.Id, Failed(refusal.Code, refusal.Error.Message));
        }
        catch (ZoetropeConnectionException lost)
        {
            return Answer(request.Id, Failed("CONNECTION", lost.Message));
        }
    }

    private static Tool Upload { get; } = new()
    {
        Name = UploadTool,
        Title = "Upload a local file",
        Description =
            "Uploads an image, video or sound from this machine and returns its URL, for use wherever a tool accepts one. "
            + "The other tools also accept local paths and upload the files themselves.",
        InputSchema = JsonElement.Parse(
            """
            {
                "type": "object",
                "properties": {"file_path": {"type": "string", "description": "Path of the file on this machine"}},
                "required": ["file_path"],
                "additionalProperties": false
            }
            """),
        OutputSchema = JsonElement.Parse(
            """
            {
                "type": "object",
                "properties": {"url": {"type": "string"}, "expires_at": {"type": "string"}},
                "required": ["url", "expires_at"]
            }
            """),
        Annotations = new ToolAnnotations { ReadOnlyHint = false, DestructiveHint = false, IdempotentHint = false, OpenWorldHint = true },
    };

    private static JsonRpcResponse Answer(RequestId id, CallToolResult result) =>
        new() { Id = id, Result = JsonSerializer.SerializeToNode(result, McpJsonUtilities.DefaultOptions) };

    private static CallToolResult Failed(string code, string message) =>
        new() { IsError = true, Content = [new TextContentBlock { Text = $"VicSee API error [{code}]: {message}" }] };

    private async Task<CallToolResult> UploadAsync(JsonNode? arguments, CancellationToken cancellationToken)
    {
        if (arguments?["file_path"] is not JsonValue value || !value.TryGetValue<string>(out var path) || path.Length == 0)
        {
            return Failed("INVALID_PARAMETER", "file_path must be the path of a file on this machine.");
        }

        path = Expand(path);
        var type = FileType.OfFile(path);
        await using var file = File.OpenRead(path);
        var target = await invocation.Client.UploadInputAsync(file, type, cancellationToken);
        var answer = new JsonObject { ["url"] = target.PublicUrl, ["expires_at"] = target.ExpiresAt };
        return new CallToolResult
        {
            Content = [new TextContentBlock { Text = answer.ToJsonString(WireJson.Options) }],
            StructuredContent = JsonSerializer.SerializeToElement(answer, CliJson.Default.JsonNode),
        };
    }

    private async Task ReplaceAsync(JsonObject arguments, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in arguments.ToList())
        {
            if (value is JsonObject inner)
            {
                await ReplaceAsync(inner, cancellationToken);
            }
            else if (value is JsonArray items && TakesFiles(name))
            {
                for (var i = 0; i < items.Count; i++)
                {
                    items[i] = await ReplaceAsync(items[i], cancellationToken);
                }
            }
            else if (TakesFiles(name))
            {
                arguments[name] = await ReplaceAsync(value, cancellationToken);
            }
        }
    }

    private async Task<JsonNode?> ReplaceAsync(JsonNode? value, CancellationToken cancellationToken)
    {
        if (value is not JsonValue text || !text.TryGetValue<string>(out var path) || !IsPath(path))
        {
            return value?.DeepClone();
        }

        path = Expand(path);
        var type = FileType.OfFile(path);
        await using var file = File.OpenRead(path);
        return await invocation.Client.UploadAsync(file, type, cancellationToken);
    }

    private static bool TakesFiles(string name) =>
        name.EndsWith("_url", StringComparison.Ordinal)
            || name.EndsWith("_urls", StringComparison.Ordinal)
            || name is "image" or "images" or "video" or "audio" or "frames";

    private static bool IsPath(string text) =>
        text.Length is > 0 and <= MaxPath
        && (!InputFiles.IsAddress(text) || text.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        && (File.Exists(Expand(text))
            || text.StartsWith("./", StringComparison.Ordinal)
            || text.StartsWith("../", StringComparison.Ordinal)
            || text.StartsWith("~/", StringComparison.Ordinal)
            || text.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            || Endings.Contains(Path.GetExtension(text), StringComparer.OrdinalIgnoreCase));

    private static string Expand(string path)
    {
        if (path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            && Uri.TryCreate(path, UriKind.Absolute, out var address)
            && address.IsFile)
        {
            return address.LocalPath;
        }

        return path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
            : path;
    }
}
