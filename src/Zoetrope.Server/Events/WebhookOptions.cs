using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Zoetrope.Server.Events;

/// <summary>Settings of the webhooks (<c>Zoetrope:Webhooks</c>).</summary>
internal sealed class WebhookOptions : IValidatableObject
{
    /// <summary>From the request to the end of the answer; longer is a failure.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Deliveries to one endpoint at once; one whose last delivery failed, or that never answered, gets one at a time.</summary>
    [Range(1, 100)]
    public int EndpointConcurrency { get; set; } = 4;

    /// <summary>Deliveries of one account at once, so that an account whose receivers all hang leaves places for others.</summary>
    [Range(1, 10_000)]
    public int AccountConcurrency { get; set; } = 64;

    /// <summary>Deliveries to all endpoints at once.</summary>
    [Range(1, 10_000)]
    public int MaxInFlight { get; set; } = 512;

    /// <summary>How often the outbox is read for retries and for what nodes committed that send none; every other commit rings.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Hours of nothing but failures after which an endpoint is disabled.</summary>
    [Range(1, 10_000)]
    public int DisableAfterHours { get; set; } = 120;

    /// <summary>Hours after a rotation during which the old secret also signs.</summary>
    [Range(0, 720)]
    public int SecretOverlapHours { get; set; } = 24;

    /// <summary>Days that deliveries are kept, and wait for a paused or disabled endpoint.</summary>
    [Range(5, 3650)]
    public int RetentionDays { get; set; } = 30;

    /// <summary>
    /// Pauses before the retries, separated by commas; after the last one a delivery is given up. Empty: the schedule of
    /// Standard Webhooks.
    /// </summary>
    public string RetrySchedule { get; set; } = "";

    public IReadOnlyList<TimeSpan> Pauses => field ??= Read(RetrySchedule) ?? WebhookRetries.Schedule;

    /// <summary>The limit of endpoints of an account in one mode, and of hosts that its requests name.</summary>
    [Range(1, 1000)]
    public int MaxEndpoints { get; set; } = 20;

    /// <summary>
    /// Requests a minute that deliveries of one account's test tasks make: tests cost nothing, so they must not be a way to call
    /// somebody as often as one likes. What is beyond waits.
    /// </summary>
    [Range(1, 1_000_000)]
    public int TestDeliveriesPerMinute { get; set; } = 1_200;

    /// <summary>Until when, in Unix milliseconds, the old secret also signs after a rotation now.</summary>
    public long OverlapEnd(DateTimeOffset now) => (now + TimeSpan.FromHours(SecretOverlapHours)).ToUnixTimeMilliseconds();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RetrySchedule.Length > 0 && Read(RetrySchedule) is null)
        {
            yield return new ValidationResult(
                "It must be a comma-separated list of durations (hours:minutes:seconds), each above zero and at most one day.",
                [nameof(RetrySchedule)]);
        }
    }

    private static List<TimeSpan>? Read(string schedule)
    {
        var pauses = new List<TimeSpan>();
        foreach (var part in schedule.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TimeSpan.TryParse(part, CultureInfo.InvariantCulture, out var pause)
                || pause <= TimeSpan.Zero
                || pause > WebhookRetries.LongestPause)
            {
                return null;
            }

            pauses.Add(pause);
        }

        return pauses;
    }
}
