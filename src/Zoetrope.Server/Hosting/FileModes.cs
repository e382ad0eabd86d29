using System.Runtime.InteropServices;

namespace Zoetrope.Server.Hosting;

/// <summary>What this process and its children create is for its own user, also in a directory that was open to others.</summary>
internal static partial class FileModes
{
    private const uint OthersNothing = 0b000_111_111;

    public static void KeepPrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask(OthersNothing);
        }
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
