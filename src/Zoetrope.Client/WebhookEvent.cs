using System.Text.Json;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>What a webhook told.</summary>
/// <param name="Id">The <c>webhook-id</c>, the same over all attempts and redeliveries: ignore what you have seen.</param>
/// <param name="Type">For example <c>task.completed</c>; ignore the ones you do not know.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="Data">What it happened to.</param>
public sealed record WebhookEvent(string Id, string Type, DateTimeOffset Timestamp, JsonElement Data)
{
    /// <summary>The task when the delivery was sent, where <see cref="Type"/> begins with <c>task.</c>; otherwise null.</summary>
    public TaskState? Task { get; private init; }

    /// <summary>The batch when the delivery was sent, where <see cref="Type"/> is <c>batch.completed</c>; otherwise null.</summary>
    public BatchState? Batch { get; private init; }

    internal static WebhookEvent Read(string id, ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            var root = JsonElement.ParseValue(ref reader);
            var type = root.GetProperty("type").GetString()!;
            var data = root.GetProperty("data");
            return new WebhookEvent(id, type, root.GetProperty("timestamp").GetDateTimeOffset(), data)
            {
                Task = type.StartsWith("task.", StringComparison.Ordinal) ? data.Deserialize(ClientJson.Default.TaskState) : null,
                Batch = type == "batch.completed" ? data.Deserialize(ClientJson.Default.BatchState) : null,
            };
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ZoetropeWebhookException("The delivery is signed, but is no event that this version reads.", exception);
        }
    }
}
