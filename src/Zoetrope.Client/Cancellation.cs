using System.Text.Json;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>What became of asking a task to stop.</summary>
/// <param name="Id">The task's id.</param>
/// <param name="Status">Its status; a cancelled task is <c>failed</c> with the code <c>CANCELLED</c>.</param>
public sealed record TaskCancellation(string Id, string Status)
{
    /// <summary><c>requested</c> while its provider has not decided, <c>declined</c> if it runs on; null once the task has ended.</summary>
    public string? Cancel { get; init; }

    /// <summary>The whole task; null for a key without the scope <c>read</c>, which is told no more than the above.</summary>
    public TaskState? Task { get; init; }

    internal static TaskCancellation Read(JsonElement data)
    {
        var answer = data.Deserialize(ClientJson.Default.TaskCancellation)!;
        return data.TryGetProperty("model", out _) ? answer with { Task = data.Deserialize(ClientJson.Default.TaskState) } : answer;
    }
}

/// <summary>What became of asking the tasks of a batch to stop.</summary>
/// <param name="Id">The batch's id.</param>
/// <param name="Status"><c>processing</c>, or <c>completed</c> when every task has ended, however it ended.</param>
public sealed record BatchCancellation(string Id, string Status)
{
    /// <summary>The whole batch; null for a key without the scope <c>read</c>, which is told no more than the above.</summary>
    public BatchState? Batch { get; init; }

    internal static BatchCancellation Read(JsonElement data)
    {
        var answer = data.Deserialize(ClientJson.Default.BatchCancellation)!;
        return data.TryGetProperty("counts", out _) ? answer with { Batch = data.Deserialize(ClientJson.Default.BatchState) } : answer;
    }
}
