using System.ComponentModel.DataAnnotations;

namespace Zoetrope.Server.Doors.Shared.Bodies;

/// <summary>Section <c>Zoetrope:Bodies</c>: large request bodies at one time. Small ones are not counted.</summary>
internal sealed class BodyOptions
{
    [Range(1, 100_000)]
    public int LargePerKey { get; init; } = 8;

    [Range(1, 100_000)]
    public int LargeInTotal { get; init; } = 64;

    /// <summary>How long a further one waits for its turn.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);
}
