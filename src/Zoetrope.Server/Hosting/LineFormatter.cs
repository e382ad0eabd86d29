using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Zoetrope.Server.Hosting;

/// <summary>Time, level, who, what: one line. An exception adds its text in the same line, so that a line stays a message.</summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var category = logEntry.Category.AsSpan();
        textWriter.Write(time.GetUtcNow().ToString("HH:mm:ss "));
        textWriter.Write(Word(logEntry.LogLevel));
        textWriter.Write(' ');
        textWriter.Write(category[(category.LastIndexOf('.') + 1)..]);
        textWriter.Write(": ");
        textWriter.Write(logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" "));
        if (logEntry.Exception is not null)
        {
            textWriter.Write(" | ");
            textWriter.Write(logEntry.Exception.ToString().ReplaceLineEndings(" | "));
        }

        textWriter.WriteLine();
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}
