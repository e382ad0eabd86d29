using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Zoetrope.Tables;

/// <summary>
/// A list for people that keeps to the width of the terminal: ids, states and figures stay whole; what may be cut gives way first;
/// and where that is not enough, each item takes a second line. Also the server's, whose commands list things too.
/// </summary>
internal sealed class ListTable(params IReadOnlyList<string> columns) : Renderable
{
    private const string Indent = "  ";
    private const string Gap = "  ";

    /// <summary>A column that gives way is worth showing beside the others from here on, and at all from the second on.</summary>
    private const int UsefulCut = 12;
    private const int LeastCut = 4;
    private const int UsefulWrap = 24;

    private readonly List<string[]> _rows = [];
    private readonly HashSet<int> _cut = [];
    private int? _wrapped;
    private string? _otherwise;

    /// <summary>Texts that may lose their end: prompts, names, URLs.</summary>
    public ListTable Cutting(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _cut.Add(IndexOf(name));
        }

        return this;
    }

    /// <summary>The one column, the last, whose text goes on below itself: explanations.</summary>
    public ListTable Wrapping(string name)
    {
        _wrapped = IndexOf(name);
        return this;
    }

    /// <summary>What is said in place of a head with nothing below it.</summary>
    public ListTable Otherwise(string sentence)
    {
        _otherwise = sentence;
        return this;
    }

    /// <param name="cells">
    /// Marked up; texts from elsewhere are escaped. Control characters are shown as a question mark: a name must not move the cursor.
    /// </param>
    public void AddRow(params string[] cells) => _rows.Add(Array.ConvertAll(cells, static cell => cell.Any(char.IsControl)
        ? string.Concat(cell.Select(static character => char.IsControl(character) ? '?' : character))
        : cell));

    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        if (_rows.Count == 0 && _otherwise is not null)
        {
            yield return new Segment(_otherwise);
            yield return Segment.LineBreak;
            yield break;
        }

        var layout = LayOut(maxWidth);
        var header = columns.Select(static name => $"[bold]{Markup.Escape(name)}[/]").ToArray();
        foreach (var row in _rows.Prepend(header))
        {
            foreach (var line in Lines(layout, row, maxWidth))
            {
                foreach (var segment in ((IRenderable)new Markup(line)).Render(options, maxWidth))
                {
                    yield return segment;
                }

                yield return Segment.LineBreak;
            }
        }
    }

    private int IndexOf(string name) => Enumerable.Range(0, columns.Count).First(place => columns[place] == name);

    private static int WidthOf(string plain) => new Segment(plain).CellCount();

    private List<List<(int Column, int Width)>> LayOut(int maxWidth)
    {
        var widths = Enumerable.Range(0, columns.Count)
            .Select(place => _rows.Select(row => WidthOf(Markup.Remove(row[place]))).Append(WidthOf(columns[place])).Max())
            .ToArray();
        return OneLine(widths, maxWidth) is { } line ? [line] : SeveralLines(widths, maxWidth);
    }

    private List<(int Column, int Width)>? OneLine(int[] widths, int maxWidth)
    {
        var least = widths.Select((width, place) =>
            _cut.Contains(place) ? Math.Min(width, UsefulCut) : place == _wrapped ? Math.Min(width, UsefulWrap) : width).ToArray();
        var slack = maxWidth - least.Sum() - (Gap.Length * (columns.Count - 1));
        if (slack < 0)
        {
            return null;
        }

        for (var place = 0; place < least.Length; place++)
        {
            var more = Math.Min(slack, widths[place] - least[place]);
            least[place] += more;
            slack -= more;
        }

        return [.. least.Select((width, place) => (place, width))];
    }

    private List<List<(int Column, int Width)>> SeveralLines(int[] widths, int maxWidth)
    {
        var lines = new List<List<(int Column, int Width)>> { new() };
        foreach (var place in Enumerable.Range(0, columns.Count).Where(place => !_cut.Contains(place) && place != _wrapped))
        {
            // The first line that has room: a short figure stands beside the id although a longer one does not.
            var line = lines.FindIndex(line => line.Count == 0 || Room(line, lines, maxWidth) >= widths[place]);
            if (line < 0)
            {
                (line, _) = (lines.Count, lines);
                lines.Add([]);
            }

            lines[line].Add((place, widths[place]));
        }

        foreach (var place in _cut.Order())
        {
            var room = Room(lines[^1], lines, maxWidth);
            if (lines.Count == 1 && room < Math.Min(widths[place], UsefulCut))
            {
                lines.Add([]);
                room = Room(lines[^1], lines, maxWidth);
            }

            if (room >= LeastCut)
            {
                lines[^1].Add((place, Math.Min(room, widths[place])));
            }
        }

        if (_wrapped is { } wrapped)
        {
            lines.Add([(wrapped, maxWidth - Indent.Length)]);
        }

        return lines;
    }

    private static int Room(List<(int Column, int Width)> line, List<List<(int Column, int Width)>> lines, int maxWidth) =>
        maxWidth - (line == lines[0] ? 0 : Indent.Length) - line.Sum(cell => cell.Width + Gap.Length);

    private IEnumerable<string> Lines(List<List<(int Column, int Width)>> layout, string[] row, int maxWidth)
    {
        foreach (var cells in layout)
        {
            var (line, width) = (new StringBuilder(), 0);
            if (cells != layout[0])
            {
                line.Append(Indent);
                width = Indent.Length;
            }

            foreach (var (column, room) in cells)
            {
                var text = row[column];
                if (column == _wrapped)
                {
                    foreach (var (part, isLast) in Parts(Markup.Remove(text), Math.Min(room, maxWidth - width)))
                    {
                        if (!isLast)
                        {
                            yield return line.Append(Markup.Escape(part)).ToString();
                            line.Clear().Append(' ', width);
                        }
                        else
                        {
                            line.Append(text.Length > 0 && part == Markup.Remove(text) ? text : Markup.Escape(part));
                        }
                    }

                    continue;
                }

                var plain = Markup.Remove(text);
                if (WidthOf(plain) > room)
                {
                    plain = Short(plain, room);
                    text = Markup.Escape(plain);
                }

                line.Append(text);
                if (cells[^1].Column != column)
                {
                    line.Append(' ', room - WidthOf(plain)).Append(Gap);
                }

                width += room + Gap.Length;
            }

            if (line.ToString().TrimEnd() is { Length: > 0 } whole)
            {
                yield return whole;
            }
        }
    }

    private static string Short(string plain, int room)
    {
        var end = plain.Length;
        while (end > 0 && WidthOf(plain[..end]) > room - 1)
        {
            end -= end > 1 && char.IsLowSurrogate(plain[end - 1]) ? 2 : 1;
        }

        return plain[..end].TrimEnd() + "…";
    }

    // Broken at spaces; a word that is longer than a line is broken where the line ends.
    private static IEnumerable<(string Part, bool IsLast)> Parts(string plain, int room)
    {
        while (WidthOf(plain) > room)
        {
            var end = Math.Min(plain.Length, room);
            while (WidthOf(plain[..end]) > room)
            {
                end--;
            }

            var space = plain.LastIndexOf(' ', end - 1, end);
            var cut = space > 0 ? space : end;
            yield return (plain[..cut], false);
            plain = plain[cut..].TrimStart();
        }

        yield return (plain, true);
    }
}
