using System.Text.Json;

namespace Zoetrope.Tests.Fixtures;

/// <summary>What tests read of answers about tasks.</summary>
internal static class TaskAnswers
{
    /// <summary>The task's id in the whole answer to a submit.</summary>
    public static string IdOf(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("data").GetProperty("id").GetString()!;
    }

    /// <summary>The code of a task that failed, and the status of every other.</summary>
    public static string EndOf(JsonElement task) => task.GetProperty("status").GetString() is var status and not "failed"
        ? status!
        : task.GetProperty("error").GetProperty("code").GetString()!;
}
