using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Tests.Artifacts.Media;
using Zoetrope.Tests.Doors.Mcp;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Doors.Shared.Paid;

/// <summary>An answer of a paid call in one shape, whichever door gave it.</summary>
/// <param name="Code">The error code in our spelling; null for a success.</param>
/// <param name="Text">What was answered.</param>
/// <param name="IsReplay">Whether the answer says that nothing was made now.</param>
/// <param name="Remaining">Calls of the day that the answer says are left.</param>
internal sealed record PaidAnswer(string? Code, string Text, bool IsReplay, long? Remaining);

/// <summary>Every endpoint and tool that costs, called alike.</summary>
internal sealed class PaidDoors(ZoetropeApi api)
{
    public const string Image = "nano-banana-text-to-image";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "/api/v1/generate", "/api/v1/batches", "/api/v1/tools/upscale-image", "/v1/images/generations", "/v1/images/edits", "/v1/videos",
        "vicsee_generate", "vicsee_upscale_image", "generate_and_wait",
    ];

    /// <param name="door">One of <see cref="Names"/>.</param>
    /// <param name="customer">Who pays.</param>
    /// <param name="word">Goes into the prompt, or chooses the factor: another word is another request.</param>
    /// <param name="key">The idempotency key.</param>
    /// <param name="accept">The credits of the confirmation header.</param>
    public Task<PaidAnswer> CallAsync(string door, Customer customer, string word, string? key = null, long? accept = null) => door switch
    {
        "/api/v1/generate" => PostAsync(door, customer, Json(new { model = Image, input = new { prompt = word } }), key, accept),
        "/api/v1/batches" => PostAsync(door, customer, Json(new { requests = new[] { new { model = Image, prompt = word }, new { model = Image, prompt = word } } }), key, accept),
        "/api/v1/tools/upscale-image" => PostAsync(door, customer, Json(new { image_url = DataUri(), upscale_factor = Factor(word) }), key, accept),
        "/v1/images/generations" => PostAsync(door, customer, Json(new { model = "flux-2-pro", prompt = word }), key, accept),
        "/v1/images/edits" => PostAsync(door, customer, Edit(word), key, accept),
        "/v1/videos" => PostAsync(door, customer, Json(new { model = "seedance-2-0", prompt = word, seconds = "4" }), key, accept),
        "vicsee_upscale_image" => ToolAsync(door, customer, new { image_url = DataUri(), upscale_factor = Factor(word), idempotency_key = key }, accept),
        _ => ToolAsync(door, customer, new { model = Image, prompt = word, idempotency_key = key }, accept),
    };

    private static string Factor(string word) => word.Length % 2 == 0 ? "2" : "1";

    private static string DataUri() => $"data:image/png;base64,{Convert.ToBase64String(File.ReadAllBytes(TestMedia.Png))}";

    private static StringContent Json(object body) => new(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

    private static MultipartFormDataContent Edit(string prompt)
    {
        var file = new ByteArrayContent(File.ReadAllBytes(TestMedia.Image(640, 480)));
        file.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return new MultipartFormDataContent { { new StringContent("nano-banana-pro"), "model" }, { new StringContent(prompt), "prompt" }, { file, "image", "a.png" } };
    }

    private async Task<PaidAnswer> PostAsync(string path, Customer customer, HttpContent body, string? key, long? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        if (accept is not null)
        {
            request.Headers.Add("Zoetrope-Confirm-Credits", $"{accept}");
        }

        var reply = await api.SendAsync(request);
        var remaining = reply.Headers.TryGetValues("X-RateLimit-Remaining", out var left) ? long.Parse(left.Single()) : (long?)null;
        return new PaidAnswer(
            reply.Status == 200 ? null : reply.Code!.ToUpperInvariant(), reply.Text, reply.Headers.TryGetValues("Idempotent-Replayed", out var said) && said.Single() == "true", remaining);
    }

    private async Task<PaidAnswer> ToolAsync(string tool, Customer customer, object arguments, long? accept)
    {
        var headers = accept is null ? null : new Dictionary<string, string> { ["Zoetrope-Confirm-Credits"] = $"{accept}" };
        await using var client = await McpClients.ConnectAsync(api, customer.Key, headers: headers);
        var result = await client.CallAsync(tool, arguments);
        return new PaidAnswer(
            result.IsError is true ? result.Code() : null,
            result.StructuredContent?.GetRawText() ?? result.Text(),
            result.Meta?["idempotentReplayed"] is JsonValue said && said.GetValue<bool>(),
            result.Meta?["rateLimit"]?["remaining"]?.GetValue<long>());
    }
}
