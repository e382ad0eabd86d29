using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Zoetrope.Server.Admission.Commit;

/// <summary>What an idempotency key identifies: the row of <c>idempotency_keys</c>.</summary>
/// <param name="Fingerprint">Of the request.</param>
/// <param name="SubjectId">What was made: a task, or a batch.</param>
/// <param name="Text">
/// One line of numbers and ids, <c>1 used remaining created-ms id,id,…</c>, then the facts as a JSON array. A release before
/// stored the answer's body, or at the door of OpenAI an array of ids; such rows are read as long as there can be any.
/// </param>
internal sealed record StoredAnswer(byte[] Fingerprint, string SubjectId, string Text)
{
    private const string Version = "1 ";

    /// <summary>The facts as they are stored, each with its JSON as it was: what is read back is the same text.</summary>
    public static string Write(IReadOnlyList<OrderFacts> facts)
    {
        var buffer = new ArrayBufferWriter<byte>(256 * Math.Max(1, facts.Count));
        using (var writer = new Utf8JsonWriter(buffer, WireJson.Writer))
        {
            writer.WriteStartArray();
            foreach (var (model, credits, parameters, input) in facts)
            {
                writer.WriteStartObject();
                writer.WriteString("model"u8, model);
                writer.WriteNumber("credits"u8, credits);
                WriteOptional(writer, "parameters"u8, parameters);
                WriteOptional(writer, "input"u8, input);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The row's text for what was made; no JSON is written here, for this runs in the lane.</summary>
    public static string Write(Committed made, string facts)
    {
        var (at, ids) = (made.CreatedAt.ToUnixTimeMilliseconds(), string.Join(',', made.TaskIds));
        return string.Create(CultureInfo.InvariantCulture, $"{Version}{made.CreditsUsed} {made.CreditsRemaining} {at} {ids}\n{facts}");
    }

    public bool IsOf(IdempotentRequest request) => Fingerprint.AsSpan().SequenceEqual(request.Fingerprint);

    public Committed Read()
    {
        if (Text.StartsWith(Version, StringComparison.Ordinal))
        {
            var end = Text.IndexOf('\n', StringComparison.Ordinal);
            var line = Text[..end].Split(' ');
            return new Committed
            {
                Id = SubjectId,
                TaskIds = line[4].Split(','),
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(line[3], CultureInfo.InvariantCulture)),
                CreditsUsed = long.Parse(line[1], CultureInfo.InvariantCulture),
                CreditsRemaining = long.Parse(line[2], CultureInfo.InvariantCulture),
                Facts = ReadFacts(Text.AsMemory(end + 1)),
                IsReplay = true,
            };
        }

        return new Committed
        {
            Id = SubjectId,
            TaskIds = Text.StartsWith('[') ? ReadIds(Text) : [SubjectId],
            CreatedAt = default,
            CreditsUsed = 0,
            CreditsRemaining = 0,
            Facts = [],
            IsReplay = true,
            Rendered = Text,
        };
    }

    private static void WriteOptional(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? json)
    {
        if (json is not null)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(json, skipInputValidation: true);
        }
    }

    private static List<OrderFacts> ReadFacts(ReadOnlyMemory<char> text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(item => new OrderFacts(
            item.GetProperty("model").GetString()!, item.GetProperty("credits").GetInt64(), Raw(item, "parameters"), Raw(item, "input")))];
    }

    private static string? Raw(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetRawText() : null;

    private static List<string> ReadIds(string text)
    {
        using var document = JsonDocument.Parse(text);
        return [.. document.RootElement.EnumerateArray().Select(id => id.GetString()!)];
    }
}
