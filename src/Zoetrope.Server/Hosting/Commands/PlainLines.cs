using Spectre.Console;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>Lines for terminals: what does not fit is cut at the end; a pipe gets all of it.</summary>
internal static class PlainLines
{
    /// <summary>One line, cut where the terminal ends.</summary>
    public static void WriteLine(IAnsiConsole console, string line)
    {
        var clean = string.Create(line.Length, line, static (text, from) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                // A name must not move the cursor.
                text[i] = char.IsControl(from[i]) ? '?' : from[i];
            }
        });
        var width = console.Profile.Width;
        console.Profile.Out.Writer.WriteLine(ShortText.Of(clean, width));
    }

    /// <summary>A time to the second: 2026-11-30T09:14:09Z.</summary>
    public static string Seconds(string? time) => time is { Length: > 20 } ? string.Concat(time.AsSpan(0, 19), "Z") : time ?? "";
}
