namespace Zoetrope.Server.Hosting;

/// <summary>Which known setting a misspelt one probably meant.</summary>
internal static class NearestName
{
    public static string? To(string name, IEnumerable<string> candidates)
    {
        var best = candidates.MinBy(candidate => Distance(name, candidate));
        return best is not null && Distance(name, best) <= Math.Max(2, name.Length / 3) ? best : null;
    }

    private static int Distance(string left, string right)
    {
        var previous = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var current = new int[right.Length + 1];
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                current[j] = Math.Min(Math.Min(previous[j], current[j - 1]) + 1, previous[j - 1] + (same ? 0 : 1));
            }

            previous = current;
        }

        return previous[right.Length];
    }
}
