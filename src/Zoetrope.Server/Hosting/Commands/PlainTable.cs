using Spectre.Console;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>A row of a table, and what stands below it for lack of room; null is nothing.</summary>
internal sealed record PlainRow(IReadOnlyList<string> Cells, string? Below = null);

/// <summary>
/// A table for terminals of 80 columns: ids and states are always whole, because they come first and are short. What does not fit
/// is cut at the end of its line; a pipe gets all of it.
/// </summary>
internal static class PlainTable
{
    private const string Gap = "  ";

    public static void Write(IAnsiConsole console, IReadOnlyList<string> heads, IEnumerable<PlainRow> rows)
    {
        var all = rows.ToList();
        var widths = heads.Select(
            (head, column) => all.Select(row => row.Cells[column].Length).Append(head.Length).Max()).ToList();
        WriteLine(console, Join(heads, widths));
        foreach (var row in all)
        {
            WriteLine(console, Join(row.Cells, widths));
            if (row.Below is { Length: > 0 } below)
            {
                WriteLine(console, Gap + below);
            }
        }
    }

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
        console.Profile.Out.Writer.WriteLine(clean.Length <= width ? clean : string.Concat(clean.AsSpan(0, width - 1), "…"));
    }

    /// <summary>A time to the second: 2026-11-30T09:14:09Z.</summary>
    public static string Seconds(string? time) => time is { Length: > 20 } ? string.Concat(time.AsSpan(0, 19), "Z") : time ?? "";

    private static string Join(IReadOnlyList<string> cells, IReadOnlyList<int> widths) =>
        string.Join(Gap, cells.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
}
