using System.Text.Json;

namespace Zoetrope.Studio.Operate.Audit;

/// <summary>One field of what was changed.</summary>
/// <param name="Field">Its name; empty where the whole is no object.</param>
/// <param name="Before">What it was; null if it was not there.</param>
/// <param name="After">What it is; null if it is gone.</param>
internal sealed record Change(string Field, string? Before, string? After)
{
    /// <summary>What differs between the two, by field: of what is new or gone, all of it.</summary>
    public static IReadOnlyList<Change> Between(JsonElement? before, JsonElement? after)
    {
        var (old, now) = (Fields(before), Fields(after));
        return
        [
            .. old.Keys.Concat(now.Keys).Distinct()
                .Select(field => new Change(field, old.GetValueOrDefault(field), now.GetValueOrDefault(field)))
                .Where(change => change.Before != change.After),
        ];
    }

    private static Dictionary<string, string?> Fields(JsonElement? whole) => whole switch
    {
        null => [],
        { ValueKind: JsonValueKind.Object } given => given.EnumerateObject().ToDictionary(field => field.Name, field => Text(field.Value)),
        { } given => new() { [""] = Text(given) },
    };

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
