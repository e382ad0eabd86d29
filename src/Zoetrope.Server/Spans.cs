using System.Diagnostics;

namespace Zoetrope.Server;

/// <summary>
/// Spans of requests and of the steps of tasks. The row of a task keeps the trace and the span of the request that made it, so the
/// steps of hours and of all nodes are children of that one span. Without an exporter nobody listens, and nothing is made.
/// They hold routes, models, providers and ids; no prompt, key or URL.
/// </summary>
internal static class Spans
{
    public const string SourceName = "Zoetrope";

    public static readonly ActivitySource Source = new(SourceName, ProductVersion.Text);

    /// <summary>A step of the current trail's task; null where nobody listens, or nothing is known of its trace.</summary>
    public static Activity? Start(string step, ActivityKind kind = ActivityKind.Internal, DateTimeOffset began = default)
    {
        if (!Source.HasListeners() || Trail.Current is not { TraceId: { } trace } trail)
        {
            return null;
        }

        var parent = new ActivityContext(
            ActivityTraceId.CreateFromString(trace),
            trail.SpanId is { } span ? ActivitySpanId.CreateFromString(span) : ActivitySpanId.CreateRandom(),
            ActivityTraceFlags.Recorded,
            isRemote: true);
        return Source.StartActivity(step, kind, parent, startTime: began)?.SetTag("zoetrope.task", trail.TaskId);
    }

    /// <summary>A request, in its client's trace or in a new one; null where nobody listens.</summary>
    public static Activity? StartRequest(string method, ActivityContext client) =>
        Source.HasListeners() ? Source.StartActivity(method, ActivityKind.Server, client) : null;
}
