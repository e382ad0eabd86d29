namespace Zoetrope.Contracts.OpenAi;

/// <summary>Body of <c>POST /v1/videos</c>, as JSON or as multipart fields.</summary>
/// <param name="Model">A model id, its family or an alias.</param>
/// <param name="Prompt">What happens in the video.</param>
/// <param name="Seconds">Its length, as text or number.</param>
/// <param name="Size"><c>1280x720</c> or another width x height the model can make.</param>
public sealed record OpenAiVideoRequest(string Model, string Prompt, string? Seconds, string? Size);

/// <summary>A video and its progress. Every key is always present.</summary>
public sealed record OpenAiVideo
{
    /// <summary>The task's id.</summary>
    public required string Id { get; init; }

    /// <summary>Always <c>video</c>.</summary>
    public string Object { get; init; } = "video";

    /// <summary>The model that makes it.</summary>
    public required string Model { get; init; }

    /// <summary><c>queued</c>, <c>in_progress</c>, <c>completed</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>0 to 100.</summary>
    public required int Progress { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Unix seconds; null until it is completed.</summary>
    public required long? CompletedAt { get; init; }

    /// <summary>When the file is deleted; null where files are kept.</summary>
    public required long? ExpiresAt { get; init; }

    /// <summary>The prompt.</summary>
    public required string Prompt { get; init; }

    /// <summary>Pixels, <c>1280x720</c>.</summary>
    public required string Size { get; init; }

    /// <summary>Length in seconds, as text.</summary>
    public required string Seconds { get; init; }

    /// <summary>Always null: there are no remixes.</summary>
    public string? RemixedFromVideoId { get; init; }

    /// <summary>Why it failed.</summary>
    public required OpenAiVideoError? Error { get; init; }
}

/// <summary>Why a video failed.</summary>
/// <param name="Code">A stable code in lower case.</param>
/// <param name="Message">In words.</param>
public sealed record OpenAiVideoError(string Code, string Message);

/// <summary>Answer of <c>GET /v1/videos</c>.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">One page.</param>
/// <param name="FirstId">Id of the first of them.</param>
/// <param name="LastId">Id of the last of them: <c>after</c> of the next page.</param>
/// <param name="HasMore">Whether there is a next page.</param>
public sealed record OpenAiVideoList(string Object, IReadOnlyList<OpenAiVideo> Data, string? FirstId, string? LastId, bool HasMore);

/// <summary>Answer of <c>DELETE /v1/videos/{id}</c>.</summary>
/// <param name="Id">The video.</param>
/// <param name="Object">Always <c>video.deleted</c>.</param>
/// <param name="Deleted">Always true.</param>
public sealed record OpenAiVideoDeleted(string Id, string Object, bool Deleted);
