using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;
using Zoetrope.Server;
using Zoetrope.Tables;

namespace Zoetrope.Cli;

/// <summary>
/// The one way commands speak: the answer on stdout, everything else on stderr, so that a pipe gets the answer alone. Texts of the
/// server lose their control characters first: a prompt is no place to move somebody's cursor from.
/// </summary>
internal sealed class Terminal(bool json, bool verbose)
{
    private const int PipeWidth = 240;

    public bool Json => json;

    public bool Verbose => verbose;

    public IAnsiConsole Out { get; } = Open(Console.Out, Console.IsOutputRedirected);

    /// <summary>For progress, notes and errors.</summary>
    public IAnsiConsole Notes { get; } = Open(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether somebody sits there who can be asked and shown something that moves.</summary>
    public bool IsInteractive => !json && !Console.IsInputRedirected && ShowsProgress;

    public bool ShowsProgress =>
        !Console.IsErrorRedirected && Notes.Profile.Capabilities.Ansi && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>The answer of a command: JSON for programs, or what people read.</summary>
    public void Answer(JsonNode answer, Action<IAnsiConsole> show)
    {
        if (json)
        {
            Console.Out.WriteLine(answer.ToJsonString(WireJson.Indented));
        }
        else
        {
            show(Out);
        }
    }

    /// <summary>One of many answers, on one line, for programs that read while it goes on.</summary>
    public void Item(JsonNode answer, Action<IAnsiConsole> show)
    {
        if (json)
        {
            Console.Out.WriteLine(answer.ToJsonString(WireJson.Options));
        }
        else
        {
            show(Out);
        }
    }

    /// <summary>A line on stdout that nothing is added to: a path, an id, a secret.</summary>
    public static void Line(string text) => Console.Out.WriteLine(Clean(text));

    /// <summary>For the user; programs that asked for JSON do not want it.</summary>
    public void Note(string text)
    {
        if (!json)
        {
            Console.Error.WriteLine(Clean(text));
        }
    }

    public void Detail(string text)
    {
        if (verbose)
        {
            Console.Error.WriteLine(Clean(text));
        }
    }

    public int Fail(string code, string message, int exitCode, IReadOnlyList<string>? hints = null, Action<JsonObject>? more = null)
    {
        if (json)
        {
            var error = new JsonObject { ["code"] = code, ["message"] = message };
            more?.Invoke(error);
            error["exitCode"] = exitCode;
            Console.Error.WriteLine(new JsonObject { ["error"] = error }.ToJsonString(WireJson.Indented));
            return exitCode;
        }

        // Only the word is Spectre's: it would break a long sentence where a terminal does that better.
        Notes.Markup("[red]error:[/] ");
        Console.Error.WriteLine($"{Clean(code)}: {Clean(message)}");
        foreach (var hint in hints ?? [])
        {
            Console.Error.WriteLine($"  {Clean(hint)}");
        }

        return exitCode;
    }

    /// <summary>Text for a table or a marked-up line.</summary>
    public static string Cell(string? text) => Markup.Escape(Clean(text ?? ""));

    public static string Clean(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            clean.Append(char.IsControl(character) ? ' ' : character);
        }

        return clean.ToString();
    }

    public static ListTable NewTable(params IReadOnlyList<string> columns) => new(columns);

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            // Ids must survive a pipe into grep in one piece.
            console.Profile.Width = PipeWidth;
        }

        return console;
    }
}
