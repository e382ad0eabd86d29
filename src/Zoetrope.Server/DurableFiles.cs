using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Zoetrope.Server;

/// <summary>What it takes for a file to be there after the power fails: its bytes and its name are both flushed.</summary>
internal static class DurableFiles
{
    /// <summary>Flushes the file and moves it to its name; an existing file stays unless overwriting.</summary>
    public static void Publish(string source, string target, bool overwrite)
    {
        var directory = Path.GetDirectoryName(target)!;
        var isNew = !Directory.Exists(directory);
        Directory.CreateDirectory(directory);
        using (var handle = File.OpenHandle(source, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(handle);
        }

        if (overwrite || !TryLink(source, target))
        {
            File.Move(source, target, overwrite);
        }

        FlushDirectory(directory);
        if (isNew)
        {
            FlushDirectory(Path.GetDirectoryName(directory)!);
            FlushDirectory(Path.GetDirectoryName(Path.GetDirectoryName(directory)!)!);
        }
    }

    // File.Move looks for the target first and renames afterwards, so of two at once both would win. A link is refused to the second.
    private static bool TryLink(string source, string target)
    {
        if ((!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) || Link(Bytes(source), Bytes(target)) != 0)
        {
            return false;
        }

        File.Delete(source);
        return true;
    }

    private static byte[] Bytes(string path) => Encoding.UTF8.GetBytes(path + '\0');

    // .NET opens no handles on directories. Where the call is missing (Windows) the file system journals names itself.
    private static void FlushDirectory(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return;
        }

        using var handle = new SafeFileHandle(Open(Bytes(path), 0), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            _ = Fsync(handle);
        }
    }

    // Plain imports: generated ones would allow unsafe code in the whole project. The path is its bytes and a zero.
    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "link")]
    private static extern int Link(byte[] source, byte[] target);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Fsync(SafeFileHandle handle);
}
