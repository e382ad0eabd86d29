namespace Zoetrope.Server.Generations;

/// <summary>The words that customers read for the status of a task, a batch and its items.</summary>
internal static class StatusWords
{
    public const string Pending = "pending";
    public const string Processing = "processing";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static readonly string[] All = [Pending, Processing, Completed, Failed, Cancelled];

    private static readonly GenerationStatus[] Statuses =
        [GenerationStatus.Queued, GenerationStatus.Running, GenerationStatus.Succeeded, GenerationStatus.Failed, GenerationStatus.Canceled];

    /// <summary>A task's. To VicSee's clients one that was cancelled has failed, with the code CANCELLED.</summary>
    public static string Of(GenerationStatus status) => status is GenerationStatus.Canceled ? Failed : All[Array.IndexOf(Statuses, status)];

    /// <summary>An item's of a batch, from the word in its row; here a cancelled one is told apart.</summary>
    public static string OfItem(string row) => All[Array.FindIndex(Statuses, status => status.Word() == row)];

    /// <summary>The word in the rows for one of <see cref="All"/>.</summary>
    public static string RowOf(string word) => Statuses[Array.IndexOf(All, word)].Word();
}
