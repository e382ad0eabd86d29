using System.Globalization;

namespace Zoetrope.Tests.Fixtures;

/// <summary>How much memory a process has, by the kernel's count.</summary>
internal static class ResidentSet
{
    public static bool IsKnown => OperatingSystem.IsLinux();

    public static long Of(int process) => Read(process, "VmRSS:");

    /// <summary>The most that it had since <see cref="Forget"/>.</summary>
    public static long PeakOf(int process) => Read(process, "VmHWM:");

    /// <summary>The peak counts from now on.</summary>
    public static void Forget(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    private static long Read(int process, string name)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
