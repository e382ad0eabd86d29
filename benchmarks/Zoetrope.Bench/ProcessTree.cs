using System.Globalization;

namespace Zoetrope.Bench;

/// <summary>What a process and the programs that it starts have used, the ended ones included.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    public static TimeSpan ProcessorTime(int root)
    {
        var all = new Dictionary<int, (int Parent, long Ticks)>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && Read(directory) is { } found)
            {
                all[id] = found;
            }
        }

        var ticks = all.Where(one => IsBelow(one.Key)).Sum(static one => one.Value.Ticks);
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);

        bool IsBelow(int id) => id == root || (all.TryGetValue(id, out var one) && one.Parent > 1 && IsBelow(one.Parent));
    }

    // Own time, and that of children that have ended.
    private static (int Parent, long Ticks)? Read(string directory)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[11..15].Sum(static field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
