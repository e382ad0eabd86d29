using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Operator;

namespace Zoetrope.Server.Hosting.Logs;

/// <summary>
/// Keeps the lines that belong to a request or a task in the journal's files. It never holds up who logs: when the disk is
/// slower than the log, lines are left out here, and only here.
/// </summary>
internal sealed class JournalWriter : ILoggerProvider
{
    private const int MostWaiting = 10_000;

    private readonly BlockingCollection<ReadOnlyMemory<byte>> _waiting = new(MostWaiting);
    private readonly Journal _journal;
    private readonly TimeProvider _time;
    private readonly long _bytesOfFile;
    private readonly Thread _writer;

    public JournalWriter(Journal journal, long bytes, TimeProvider time)
    {
        (_journal, _time, _bytesOfFile) = (journal, time, bytes / Journal.Files);
        _writer = new Thread(Run) { IsBackground = true, Name = "journal" };
        _writer.Start();
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
        if (!_waiting.IsAddingCompleted)
        {
            _waiting.CompleteAdding();
            _writer.Join(TimeSpan.FromSeconds(2));
        }
    }

    private void Run()
    {
        Rotation? files = null;
        try
        {
            foreach (var line in _waiting.GetConsumingEnumerable())
            {
                files ??= new Rotation(_journal, _bytesOfFile);
                files.Write(line.Span);
                if (_waiting.Count == 0)
                {
                    files.Flush();
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StartException)
        {
            // The log itself goes on, on stderr; there is no place left to say more.
            Console.Error.WriteLine($"warn journal: The lines of requests are no longer kept: {exception.Message}");
            _waiting.CompleteAdding();
        }
        finally
        {
            files?.Dispose();
        }
    }

    private void Add<TState>(in LogEntry<TState> entry, Trail trail)
    {
        if (_waiting.IsAddingCompleted)
        {
            return;
        }

        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonLine.Write(buffer, entry, _time.GetUtcNow(), trail);
        buffer.Write("\n"u8);
        try
        {
            _waiting.TryAdd(buffer.WrittenMemory);
        }
        catch (InvalidOperationException)
        {
            // It ended a moment ago.
        }
    }

    private sealed class Logger(JournalWriter journal, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Trail.Current is { } trail)
            {
                journal.Add(new LogEntry<TState>(logLevel, category, eventId, state, exception, formatter), trail);
            }
        }
    }

    /// <summary>The file that is written; a new one when it is full, and the oldest goes.</summary>
    private sealed class Rotation : IDisposable
    {
        private readonly Journal _journal;
        private readonly long _most;
        private long _number;
        private FileStream _file;

        public Rotation(Journal journal, long most)
        {
            (_journal, _most) = (journal, most);
            DataDirectory.Create(journal.Directory);
            _number = journal.Existing() is [.., var last]
                && long.TryParse(Path.GetFileNameWithoutExtension(last), CultureInfo.InvariantCulture, out var number) ? number : 1;
            _file = Open();
        }

        public void Write(ReadOnlySpan<byte> line)
        {
            if (_file.Position + line.Length > _most && _file.Position > 0)
            {
                _file.Dispose();
                _number++;
                _file = Open();
                var existing = _journal.Existing();
                foreach (var old in existing.Take(existing.Count - Journal.Files))
                {
                    File.Delete(old);
                }
            }

            _file.Write(line);
        }

        public void Flush() => _file.Flush();

        public void Dispose() => _file.Dispose();

        private FileStream Open() => new(
            Path.Combine(_journal.Directory, _number.ToString("D12", CultureInfo.InvariantCulture) + ".jsonl"),
            FileMode.Append,
            FileAccess.Write,
            FileShare.ReadWrite | FileShare.Delete);
    }
}
