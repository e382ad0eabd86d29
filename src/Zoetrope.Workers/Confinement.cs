using System.Runtime.InteropServices;

namespace Zoetrope.Workers;

/// <summary>What a worker gives up before it reads its first job. Children inherit all of it.</summary>
internal static partial class Confinement
{
    private const int LimitFileSize = 1;
    private const int LimitData = 2;
    private const int LimitCore = 4;

    /// <summary>
    /// Lets others go first by that much, and ends itself rather than the machine when a file fills the memory or the disk.
    /// </summary>
    public static void Limit(int niceness, long maxMemory, long maxFile)
    {
        // A refusal (a platform without it) only costs politeness.
        _ = SetPriority(0, 0, niceness);
        if (OperatingSystem.IsLinux())
        {
            Set(LimitData, maxMemory);
            Set(LimitFileSize, maxFile);
            Set(LimitCore, 0);
        }
    }

    private static void Set(int resource, long value) => _ = SetLimit(resource, new ResourceLimit((ulong)value, (ulong)value));

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    private readonly record struct ResourceLimit(ulong Soft, ulong Hard);
}
