namespace Zoetrope.Server.Events;

/// <summary>When a failed delivery is tried again: by default the schedule of Standard Webhooks, spread by a fifth either way.</summary>
internal static class WebhookRetries
{
    private const double Jitter = 0.2;

    public static readonly TimeSpan LongestPause = TimeSpan.FromHours(24);

    public static IReadOnlyList<TimeSpan> Schedule { get; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <param name="schedule">The pauses.</param>
    /// <param name="step">Retries planned so far.</param>
    /// <returns>Null when the schedule is over.</returns>
    public static TimeSpan? Next(IReadOnlyList<TimeSpan> schedule, long step) =>
        step < schedule.Count ? schedule[(int)step] * (1 + (((Random.Shared.NextDouble() * 2) - 1) * Jitter)) : null;
}
