namespace Zoetrope.Server;

/// <summary>The types of the event log, as webhooks and streams will send them.</summary>
internal static class EventTypes
{
    public const string Created = "task.created";
    public const string Processing = "task.processing";
    public const string Completed = "task.completed";
    public const string Failed = "task.failed";
    public const string Cancelled = "task.cancelled";
}
