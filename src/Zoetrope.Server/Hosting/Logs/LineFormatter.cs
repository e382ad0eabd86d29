using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Zoetrope.Server.Hosting.Logs;

/// <summary>
/// Time, level, who, what, and whose request and task: one line. An exception adds its text in the same line, so that a line stays
/// a message.
/// </summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category.AsSpan();
        Span<char> at = stackalloc char[24];
        textWriter.Write(at[..WireTime.Write(time.GetUtcNow(), at)]);
        textWriter.Write(' ');
        textWriter.Write(Word(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(category[(category.LastIndexOf('.') + 1)..]);
        textWriter.Write(": ");
        textWriter.Write(logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" "));
        if (Trail.Current is { } trail)
        {
            Write(textWriter, trail);
        }

        if (logEntry.Exception is not null)
        {
            textWriter.Write(" | ");
            textWriter.Write(logEntry.Exception.ToString().ReplaceLineEndings(" | "));
        }

        textWriter.WriteLine();
    }

    private static void Write(TextWriter writer, Trail trail)
    {
        var next = " [";
        Write("request", trail.RequestId);
        Write("trace", trail.TraceId);
        Write("task", trail.TaskId);
        writer.Write(']');

        void Write(string name, string? value)
        {
            if (value is not null)
            {
                writer.Write(next);
                writer.Write(name);
                writer.Write('=');
                writer.Write(value);
                next = " ";
            }
        }
    }

    /// <summary>A level as every format writes it.</summary>
    public static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}
