using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.OAuth;

/// <summary>Section <c>Zoetrope:OAuth</c>.</summary>
internal sealed class OAuthOptions
{
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromHours(1);

    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; init; } = TimeSpan.FromDays(30);

    [Range(1, 1_000_000_000_000)]
    public long? SuggestedSpendPerDay { get; init; }

    [Range(0, 1_000_000_000_000)]
    public long? SuggestedAskAbove { get; init; }

    [Range(0, 10_000_000)]
    public int MaxUnusedClients { get; init; } = 10_000;

    [Range(1, 1_000_000)]
    public int RegistrationsPerMinute { get; init; } = 20;
}
