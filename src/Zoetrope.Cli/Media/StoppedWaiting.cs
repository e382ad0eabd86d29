namespace Zoetrope.Cli.Media;

/// <summary>The user left while something was on its way, which goes on.</summary>
internal sealed class StoppedWaiting(string message, string? id, params IReadOnlyList<string> next) : OperationCanceledException(message)
{
    /// <summary>Of the task or the batch; null where it is not known whether there is one.</summary>
    public string? Id => id;

    /// <summary>What can be done now.</summary>
    public IReadOnlyList<string> Next => next;
}
