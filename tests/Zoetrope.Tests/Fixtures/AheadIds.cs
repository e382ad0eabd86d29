using Zoetrope.Server;

namespace Zoetrope.Tests.Fixtures;

/// <summary>
/// Ids of one process never go back, so one that is made beside a test with a moved clock may be of a later day than its row.
/// </summary>
internal static class AheadIds
{
    /// <summary>How far a clock must go at least to be later than the id.</summary>
    public static TimeSpan Of(string prefix, string id)
    {
        var days = 1;
        while (string.CompareOrdinal(Ids.First(prefix, TimeProvider.System.GetUtcNow().AddDays(days)), id) < 0)
        {
            days++;
        }

        return TimeSpan.FromDays(days);
    }
}
