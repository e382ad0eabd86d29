using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Zoetrope.Contracts.OpenAi;
using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.OpenAi;

/// <summary>OpenAI's wire: snake_case, and nulls are written because clients require the keys.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(OpenAiError))]
[JsonSerializable(typeof(OpenAiModel))]
[JsonSerializable(typeof(OpenAiModelList))]
[JsonSerializable(typeof(OpenAiVideo))]
[JsonSerializable(typeof(OpenAiVideoList))]
[JsonSerializable(typeof(OpenAiVideoDeleted))]
internal sealed partial class OpenAiJson : JsonSerializerContext
{
    /// <summary>The value as a handler's answer.</summary>
    public static Answer Answer<T>(T value, JsonTypeInfo<T> type) => new(context => WriteAsync(context, value, type));

    public static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        JsonAnswer.WriteAsync(context, value, type);
}
