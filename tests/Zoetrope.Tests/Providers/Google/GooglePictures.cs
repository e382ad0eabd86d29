using System.Text.Json.Nodes;
using Zoetrope.Tests.Fixtures;
using Zoetrope.Tests.Providers.Conformance;

namespace Zoetrope.Tests.Providers.Google;

/// <summary>Google's picture models behind <c>generateContent</c>, the same at the Gemini API and on Vertex AI.</summary>
internal static class GooglePictures
{
    private static readonly string[] Ratios = ["1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9"];
    private static readonly string[] WideRatios = [.. Ratios, "1:4", "4:1", "1:8", "8:1"];

    /// <summary>A synchronous answer follows the plan of the first poll.</summary>
    public static VendorReply Answer(VendorJob job, string media)
    {
        var data = job.Accepted.Plan.Result switch
        {
            ResultFault.Truncated => media[..(media.Length / 8 * 4)],
            ResultFault.Html => Convert.ToBase64String(Enumerable.Repeat((byte)' ', 40_000).ToArray()),
            _ => media,
        };
        object Candidate(string finish, params object[] parts) => new { candidates = new[] { new { index = 0, finishReason = finish, content = new { role = "model", parts } } }, responseId = job.Id };
        return VendorReply.Json(job.Accepted.NextAnswer() switch
        {
            PollAnswer.Moderated => new { promptFeedback = new { blockReason = "PROHIBITED_CONTENT" }, responseId = job.Id },
            PollAnswer.Empty => Candidate("NO_IMAGE"),
            _ => Candidate(
                "STOP",
                new { text = "A fox, then.", thought = true },
                new { inlineData = new { mimeType = "image/png", data = Convert.ToBase64String(new byte[60_000]) }, thought = true },
                new { inlineData = new { mimeType = "image/png", data }, thoughtSignature = "c2ln" }),
        });
    }

    public static SchemaCheck Check(VendorRequest request, string path, string format)
    {
        var json = request.Json;
        var model = path.Split(':')[0];
        var parts = json["contents"]?[0]?["parts"] as JsonArray ?? [];
        var pictures = parts.Where(part => part?["inlineData"] is not null).ToList();
        var generation = json["generationConfig"];
        var image = generation?["imageConfig"] ?? new JsonObject();
        return new SchemaCheck
        {
            Prompt = (string?)parts.FirstOrDefault(part => part?["text"] is not null)?["text"] ?? "",
            Model = model,
            Shape = SchemaCheck.Image with { Format = format },
            Wrong = (path.EndsWith(":generateContent", StringComparison.Ordinal) ? null : "method")
                ?? GoogleSchema.OneOf(JsonValue.Create(model), "model", "gemini-3-pro-image", "gemini-3.1-flash-image", "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image", "gemini-2.5-flash-image")
                ?? GoogleSchema.Fields(json, "body", "contents", "generationConfig", "tools")
                ?? (json["contents"] is JsonArray { Count: 1 } ? null : "one content")
                ?? GoogleSchema.Fields(json["contents"]![0], "contents[0]", "role", "parts")
                ?? GoogleSchema.OneOf(json["contents"]![0]!["role"], "role", "user")
                ?? (parts.Count(part => part?["text"] is not null) == 1 ? null : "one text")
                ?? parts.Select(part => GoogleSchema.Fields(part, "part", "text", "inlineData")).FirstOrDefault(wrong => wrong is not null)
                ?? pictures.Select(part => GoogleSchema.Picture(part!["inlineData"], "inlineData", "data", "mimeType")).FirstOrDefault(wrong => wrong is not null)
                ?? (pictures.Count > 14 ? "more than 14 pictures" : null)
                ?? GoogleSchema.Fields(generation, "generationConfig", "responseModalities", "imageConfig", "seed")
                ?? (generation!["responseModalities"]?.ToJsonString() is "[\"IMAGE\"]" ? null : "responseModalities")
                ?? GoogleSchema.Whole(generation["seed"], "seed", 0, int.MaxValue)
                ?? GoogleSchema.Fields(image, "imageConfig", "aspectRatio", "imageSize")
                ?? GoogleSchema.OneOf(image["aspectRatio"], "aspectRatio", model is "gemini-3.1-flash-image" or "gemini-nano-banana-2.1" ? WideRatios : Ratios)
                ?? CheckSize(image["imageSize"], model)
                ?? CheckTools(json["tools"], model),
        };
    }

    private static string? CheckSize(JsonNode? size, string model) => model switch
    {
        "gemini-2.5-flash-image" => size is null ? null : "this model has no imageSize",
        "gemini-3.1-flash-lite-image" => GoogleSchema.OneOf(size, "imageSize", "1K"),
        "gemini-3.1-flash-image" => GoogleSchema.OneOf(size, "imageSize", "512", "1K", "2K", "4K"),
        _ => GoogleSchema.OneOf(size, "imageSize", "1K", "2K", "4K"),
    };

    private static string? CheckTools(JsonNode? tools, string model) =>
        tools is null ? null
        : model is "gemini-3.1-flash-lite-image" or "gemini-2.5-flash-image" ? "this model has no tools"
        : tools.ToJsonString() == "[{\"googleSearch\":{}}]" ? null : $"tools is {tools.ToJsonString()}";
}
