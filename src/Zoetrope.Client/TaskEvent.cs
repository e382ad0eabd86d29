using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>Something that happened to a task.</summary>
/// <param name="Type">
/// <c>task.created</c>, <c>task.processing</c>, <c>task.progress</c>, <c>task.completed</c>, <c>task.failed</c> or <c>task.cancelled</c>.
/// </param>
/// <param name="Cursor">Keep it to resume behind this event; of progress it is that of the event before.</param>
/// <param name="Task">The task when this was sent, which may be later than the event.</param>
public sealed record TaskEvent(string Type, string Cursor, TaskState Task)
{
    /// <summary>Whether nothing can follow for this task.</summary>
    public bool IsLast => Type is "task.completed" or "task.failed" or "task.cancelled";
}

/// <summary>Which tasks a listing names.</summary>
public sealed record TaskQuery
{
    /// <summary><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>; null for all.</summary>
    public string? Status { get; init; }

    /// <summary>A model's id; null for all.</summary>
    public string? Model { get; init; }

    /// <summary><c>image</c> or <c>video</c>; null for both.</summary>
    public string? Type { get; init; }

    /// <summary>A tag that they have, as <c>name:value</c>; null for all.</summary>
    public string? Tag { get; init; }

    /// <summary>Your own user that they were for; null for all.</summary>
    public string? User { get; init; }

    /// <summary>The person whose keys made them; null for all.</summary>
    public string? Member { get; init; }

    /// <summary>A family of models, such as <c>seedance-2-0</c>; null for all.</summary>
    public string? Family { get; init; }

    /// <summary>Words that are all in the prompt, in upper or lower case; null for any prompt.</summary>
    public string? Words { get; init; }

    /// <summary>With a star, or without; null for both.</summary>
    public bool? Star { get; init; }

    /// <summary>A collection; null for all tasks.</summary>
    public string? Collection { get; init; }

    /// <summary>From this time on; null for the beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time; null for now.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Tasks a page, at most 100.</summary>
    public int? Limit { get; init; }

    /// <summary><see cref="TaskPage.NextCursor"/> of the page before.</summary>
    public string? Cursor { get; init; }
}
