using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>Everything that this client throws of its own.</summary>
public abstract class ZoetropeException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server refused the call; nothing was started and nothing was charged by it.</summary>
public sealed class ZoetropeRefusedException(int status, ErrorBody error, string? requestId, TimeSpan? retryAfter)
    : ZoetropeException($"{error.Code}: {error.Message}")
{
    /// <summary>The stable code, as <c>INSUFFICIENT_CREDITS</c>.</summary>
    public string Code => Error.Code;

    /// <summary>What was wrong: the field, what was given, what is allowed.</summary>
    public ErrorBody Error { get; } = error;

    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Names this answer in the server's log.</summary>
    public string? RequestId { get; } = requestId;

    /// <summary>When the server says that another try makes sense.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The server could not be reached, or its answers were lost. A submit may have happened: repeat it with the same key.</summary>
public sealed class ZoetropeConnectionException(string message, string? idempotencyKey, Exception? inner)
    : ZoetropeException(message, inner)
{
    /// <summary>The key of the submit that was tried. Submitting again with it and the same request makes nothing twice.</summary>
    public string? IdempotencyKey { get; } = idempotencyKey;
}

/// <summary>The task ended without a result; its credits were returned.</summary>
public sealed class ZoetropeTaskFailedException(TaskState task)
    : ZoetropeException($"{task.Id}: {task.Error?.Code}: {task.Error?.Message}")
{
    /// <summary>The stable code, as <c>CONTENT_REFUSED</c>.</summary>
    public string Code => Task.Error?.Code ?? "GENERATION_FAILED";

    /// <summary>The task as it ended.</summary>
    public TaskState Task { get; } = task;
}

/// <summary>A downloaded file is not the one that the task names.</summary>
public sealed class ZoetropeDamagedFileException(string message) : ZoetropeException(message);
