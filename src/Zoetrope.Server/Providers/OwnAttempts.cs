namespace Zoetrope.Server.Providers;

/// <summary>What our own books, which all nodes share, know of the attempts beside a lost one.</summary>
/// <param name="TakenAsync">Which of these jobs of the provider belong to other attempts.</param>
/// <param name="IsOnlyAsync">Whether no other attempt without an answer asked for the same.</param>
internal sealed record OwnAttempts(
    Func<IReadOnlyCollection<string>, Task<IReadOnlySet<string>>> TakenAsync, Func<Task<bool>> IsOnlyAsync)
{
    /// <summary>Nobody else asks, as in an operator's trial.</summary>
    public static readonly OwnAttempts Alone = new(
        static _ => Task.FromResult<IReadOnlySet<string>>(new HashSet<string>()), static () => Task.FromResult(true));
}
