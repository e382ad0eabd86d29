using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using Zoetrope.Tables;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>What a command found out: for a program, and for a person.</summary>
internal sealed record Answer(JsonNode Json, Action<IAnsiConsole> Show)
{
    /// <summary>Set when the answer itself is bad news: it is printed, and the command fails.</summary>
    public (string Code, string Message)? Failure { get; init; }

    /// <summary>A JSON document for a file, or for stdout without one.</summary>
    public static async Task<Answer> DocumentAsync(string text, FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return new Answer(JsonNode.Parse(text)!, console => console.Profile.Out.Writer.WriteLine(text));
        }

        await File.WriteAllTextAsync(file.FullName, text + "\n", cancellationToken);
        return new Answer(new JsonObject { ["file"] = file.FullName }, console => console.Profile.Out.Writer.WriteLine(file.FullName));
    }
}

/// <summary>The one way commands speak: the answer on stdout, everything else on stderr, one line for a failure.</summary>
internal static class CommandOutput
{
    public const int Interrupted = 130;

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print the answer, and nothing else, as JSON on stdout",
        Recursive = true,
    };

    /// <summary>For progress and notes.</summary>
    public static IAnsiConsole Notes { get; } = Open(Console.Error, Console.IsErrorRedirected);

    public static Command Answering(this Command command, Func<ParseResult, CancellationToken, Task<Answer>> run)
    {
        command.SetAction((parsed, cancellationToken) => GuardAsync(async () =>
        {
            var answer = await run(parsed, cancellationToken);
            if (parsed.GetValue(Json))
            {
                Console.WriteLine(answer.Json.ToJsonString(WireJson.Indented));
            }
            else
            {
                answer.Show(Open(Console.Out, Console.IsOutputRedirected));
            }

            return answer.Failure is var (code, message) ? Fail(code, message, StartException.Refused) : 0;
        }));
        return command;
    }

    /// <summary>Turns what an operator can fix into one line; anything else is a bug and is reported with its type.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (StartException exception)
        {
            return Fail(exception.Code, exception.Message, exception.ExitCode);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception exception)
        {
            return Fail("INTERNAL_ERROR", $"{exception.GetType().Name}: {exception.Message}", StartException.Refused);
        }
    }

    public static int Fail(string code, string message, int exitCode)
    {
        Console.Error.WriteLine($"error: {code}: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    /// <summary>A line for people, beside the answer.</summary>
    public static Task NoteAsync(string text) => Console.Error.WriteLineAsync(text);

    public static JsonArray ListOf<T>(IEnumerable<T> items, JsonTypeInfo<T> type) =>
        [.. items.Select(item => JsonSerializer.SerializeToNode(item, type))];

    public static ListTable NewTable(params IReadOnlyList<string> columns) => new(columns);

    private static IAnsiConsole Open(TextWriter writer, bool redirected)
    {
        var plain = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            // Ids must survive a pipe into grep in one piece.
            console.Profile.Width = 240;
        }

        return console;
    }
}
