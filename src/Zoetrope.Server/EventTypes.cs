namespace Zoetrope.Server;

/// <summary>The types of the event log, as webhooks and streams send them.</summary>
internal static class EventTypes
{
    public const string Created = "task.created";
    public const string Processing = "task.processing";

    /// <summary>Only on streams: it is read from the task's row and never in the log.</summary>
    public const string Progress = "task.progress";

    public const string Completed = "task.completed";
    public const string Failed = "task.failed";
    public const string Cancelled = "task.cancelled";

    /// <summary>The available credits of the account fell below its alert.</summary>
    public const string CreditsLow = "credits.low";

    /// <summary>The operator gave back what a task was charged, or a part of it.</summary>
    public const string CreditsRefunded = "credits.refunded";

    /// <summary>A budget has reached 50, 80 or 100 percent of its limit.</summary>
    public const string BudgetThreshold = "budget.threshold";

    /// <summary>The last task of a batch has ended.</summary>
    public const string BatchCompleted = "batch.completed";

    /// <summary>Whether this is the last event of the task.</summary>
    public static bool IsLast(string type) => type is Completed or Failed or Cancelled;
}
