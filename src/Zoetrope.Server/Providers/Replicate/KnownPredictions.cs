using System.Collections.Concurrent;

namespace Zoetrope.Server.Providers.Replicate;

/// <summary>Which attempts this process submitted and which predictions they got, for as long as anyone may look one up.</summary>
internal sealed class KnownPredictions(TimeProvider time)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(2);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _attempts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Attempt, DateTimeOffset At)> _owners = new(StringComparer.Ordinal);
    private long _nextForget;

    public void Submitting(string attemptId)
    {
        Forget();
        _attempts[attemptId] = time.GetUtcNow();
    }

    public void Belongs(string prediction, string attemptId) => _owners[prediction] = (attemptId, time.GetUtcNow());

    public bool WasSubmittedHere(string attemptId) => _attempts.ContainsKey(attemptId);

    public bool IsOfAnother(string prediction, string attemptId) =>
        _owners.TryGetValue(prediction, out var owner) && owner.Attempt != attemptId;

    private void Forget()
    {
        var now = time.GetUtcNow();
        var due = Interlocked.Read(ref _nextForget);
        if (now.UtcTicks < due || Interlocked.CompareExchange(ref _nextForget, (now + ForgetEvery).UtcTicks, due) != due)
        {
            return;
        }

        foreach (var (attempt, at) in _attempts.Where(item => now - item.Value > Remembered))
        {
            _attempts.TryRemove(attempt, out _);
        }

        foreach (var (prediction, owner) in _owners.Where(item => now - item.Value.At > Remembered))
        {
            _owners.TryRemove(prediction, out _);
        }
    }
}
