using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Xunit.Sdk;

namespace Zoetrope.Tests.Fixtures.Running;

/// <summary>
/// Writes down when each test begins and how it ends, for <c>./test</c>: a process that dies has then said which tests were
/// running. Ends the process when a test is past its limit and xUnit could not give it up, because it blocks its thread.
/// </summary>
internal sealed class TestJournal : IMessageSink, IDisposable
{
    // xUnit gives up first, and then the test's servers and databases have to be disposed of.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private readonly IMessageSink _inner;
    private readonly IReadOnlyDictionary<string, TimeSpan> _limits;
    private readonly ConcurrentDictionary<string, (string Name, string TestCase, long Began)> _running = new();
    private readonly Lock _lock = new();
    private readonly StreamWriter? _journal;
    private readonly StreamWriter? _failures;
    private readonly Timer _watch;
    private long _lastNews = Stopwatch.GetTimestamp();

    public TestJournal(IMessageSink inner, IReadOnlyDictionary<string, TimeSpan> limits, string? directory)
    {
        (_inner, _limits) = (inner, limits);
        if (!string.IsNullOrEmpty(directory))
        {
            _journal = new StreamWriter(Path.Combine(directory, "journal"), append: true) { AutoFlush = true };
            _failures = new StreamWriter(Path.Combine(directory, "failures"), append: true) { AutoFlush = true };
        }

        _watch = new Timer(_ => EndWhatHangs(), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
    }

    public bool OnMessage(IMessageSinkMessage message)
    {
        Volatile.Write(ref _lastNews, Stopwatch.GetTimestamp());
        switch (message)
        {
            case ITestStarting starting:
                _running[starting.TestUniqueID] = (starting.TestDisplayName, starting.TestCaseUniqueID, Stopwatch.GetTimestamp());
                Write("started", starting.TestUniqueID, starting.TestDisplayName);
                break;
            case ITestPassed passed:
                Write("passed", passed);
                break;
            case ITestSkipped skipped:
                Write("skipped", skipped);
                break;
            case ITestFailed failed:
                Write("failed", failed);
                Explain(NameOf(failed), failed, failed.Output);
                break;
            case ITestFinished finished:
                _running.TryRemove(finished.TestUniqueID, out _);
                break;
            case IErrorMetadata error:
                // A fixture that could not be disposed of, or the runner itself.
                Write("failed", "", message.GetType().Name);
                Explain(message.GetType().Name, error, "");
                break;
        }

        return _inner.OnMessage(message);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _journal?.Dispose();
        _failures?.Dispose();
    }

    private string NameOf(ITestMessage message) => _running.TryGetValue(message.TestUniqueID, out var test) ? test.Name : message.TestUniqueID;

    private void Write(string what, ITestResultMessage result) =>
        Write(what, result.TestUniqueID, $"{NameOf(result)}\t{result.ExecutionTime.ToString("0.000", CultureInfo.InvariantCulture)}");

    private void Write(string what, string id, string text)
    {
        lock (_lock)
        {
            _journal?.WriteLine($"{what}\t{id}\t{text.ReplaceLineEndings(" ")}");
        }
    }

    private void Explain(string name, IErrorMetadata error, string output)
    {
        lock (_lock)
        {
            _failures?.WriteLine($"{name}:");
            for (var i = 0; i < error.Messages.Length; i++)
            {
                _failures?.WriteLine($"  {error.ExceptionTypes[i]}: {error.Messages[i].ReplaceLineEndings("\n  ")}\n{error.StackTraces[i]}");
            }

            if (output.Length > 0)
            {
                _failures?.WriteLine($"  Output:\n  {output.TrimEnd().ReplaceLineEndings("\n  ")}");
            }
        }
    }

    private void EndWhatHangs()
    {
        if (Debugger.IsAttached)
        {
            return;
        }

        var hanging = _running.Values.Where(test => Stopwatch.GetElapsedTime(test.Began) > _limits.GetValueOrDefault(test.TestCase, TestRun.Limit) + Grace).ToList();

        // Where no test runs and none begins or ends, the setting up or taking down of one hangs.
        if (hanging.Count == 0 && (!_running.IsEmpty || Stopwatch.GetElapsedTime(Volatile.Read(ref _lastNews)) < TestRun.Limit + Grace))
        {
            return;
        }

        lock (_lock)
        {
            var text = hanging.Count == 0
                ? "No test began or ended for too long: a fixture hangs."
                : string.Join('\n', hanging.Select(test => $"{test.Name} is past its limit and cannot be given up."));
            (_failures ?? (TextWriter)Console.Error).WriteLine($"{text}\nThe test process ends itself.");
            Process.GetCurrentProcess().Kill();
        }
    }
}
