using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Zoetrope.Server.Hosting.Logs;

/// <summary>One JSON object per line on stderr.</summary>
internal sealed class JsonLineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "json-line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonLine.Write(buffer, logEntry, time.GetUtcNow(), Trail.Current);
        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}
