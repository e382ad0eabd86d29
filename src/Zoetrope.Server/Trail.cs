using System.Diagnostics;

namespace Zoetrope.Server;

/// <summary>
/// What leads from a line of the log to a client's request and to the task that it made, and back. It belongs to the flow of
/// control: every line that is written while it is current carries it.
/// </summary>
/// <param name="RequestId">The client's X-Request-Id or ours; null where a task is from before they were kept.</param>
/// <param name="TraceId">The trace of the client's <c>traceparent</c> (W3C), if it sent one.</param>
internal sealed record Trail(string? RequestId, string? TraceId)
{
    public const string Header = "X-Request-Id";
    public const int MaxLength = 128;

    private const string Prefix = "req_";
    private static readonly AsyncLocal<Trail?> Ambient = new();

    public static Trail? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The span of the request in that trace: ours where spans are exported, otherwise the client's.</summary>
    public string? SpanId { get; init; }

    /// <summary>The task, or the batch, that the request made or is about; known once it is.</summary>
    public string? TaskId { get; set; }

    /// <summary>What a client sent, where it can be used; otherwise a new request id and no trace.</summary>
    /// <param name="requestId">The client's, if it sent one.</param>
    /// <param name="context">The span that the request's work belongs to; the default is none.</param>
    /// <param name="time">The clock of new ids.</param>
    public static Trail Of(string? requestId, ActivityContext context, TimeProvider time)
    {
        var usable = IsUsable(requestId) ? requestId : Ids.NewPublic(Prefix, time);
        return context == default
            ? new Trail(usable, null)
            : new Trail(usable, context.TraceId.ToHexString()) { SpanId = context.SpanId.ToHexString() };
    }

    /// <summary>The span of a <c>traceparent</c>; the default where there is none that can be read.</summary>
    public static ActivityContext ParentOf(string? traceParent) =>
        traceParent is not null && ActivityContext.TryParse(traceParent, null, isRemote: true, out var context) ? context : default;

    /// <summary>Letters, digits, dot, underscore and hyphen: nothing that could end a line of a log, or a word in it.</summary>
    public static bool IsUsable(string? requestId) =>
        requestId is { Length: > 0 and <= MaxLength } && !requestId.AsSpan().ContainsAnyExcept(Allowed);

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-");
}

/// <summary>The trail of a stored task, for whoever works on it after its request was answered.</summary>
internal delegate ValueTask<Trail> TrailReader(string accountId, string taskId);
