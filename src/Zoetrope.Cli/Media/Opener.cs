using System.ComponentModel;
using System.Diagnostics;

namespace Zoetrope.Cli.Media;

/// <summary>Shows a file in whatever the desktop opens such files with.</summary>
internal static class Opener
{
    public static void Open(Terminal terminal, string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            using var process = OperatingSystem.IsWindows()
                ? Process.Start(new ProcessStartInfo(full) { UseShellExecute = true })
                : Process.Start(new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [full]));
        }
        catch (Win32Exception)
        {
            // The file is there, which was the point.
            terminal.Note("The file is saved, but this machine has no program to open it.");
        }
    }
}
