using System.ComponentModel;
using System.Diagnostics;

namespace Zoetrope.Cli.Media;

/// <summary>Shows a file in whatever the desktop opens such files with.</summary>
internal static class Opener
{
    /// <summary>In the person's browser, if this machine shows one; its address is printed in any case.</summary>
    public static void OpenAddress(string address)
    {
        try
        {
            using var process = OperatingSystem.IsWindows()
                ? Process.Start(new ProcessStartInfo(address) { UseShellExecute = true })
                : Process.Start(new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [address])
                {
                    RedirectStandardOutput = true, RedirectStandardError = true,
                });
        }
        catch (Win32Exception)
        {
            // The person opens it by hand.
        }
    }

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
