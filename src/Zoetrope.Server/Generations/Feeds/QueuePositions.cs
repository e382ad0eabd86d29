using System.Collections.Concurrent;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Feeds;

/// <summary>
/// Where a queued task stands among its account's own tasks for the same provider (accounts are served in turn, so that is
/// the number that means something). A look at the head of the queue is shared by all who ask within half a second.
/// </summary>
internal sealed class QueuePositions(Database database, TimeProvider time)
{
    /// <summary>Further back is reported as this: the exact number beyond it helps nobody.</summary>
    public const int Deepest = 200;

    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<(string Account, string Provider, KeyMode Mode), (DateTimeOffset At, List<string> Head)>
        _heads = new();

    public async ValueTask<int> OfAsync(Generation generation)
    {
        var key = (generation.AccountId, generation.Provider, generation.Mode);
        var now = time.GetUtcNow();
        if (!_heads.TryGetValue(key, out var head) || now - head.At > Fresh)
        {
            if (_heads.Count >= MaxRemembered)
            {
                _heads.Clear();
            }

            head = (now, await database.ReadAsync(session => HeadAsync(session, generation)));
            _heads[key] = head;
        }

        var place = head.Head.BinarySearch(generation.Id, StringComparer.Ordinal);
        return Math.Min((place < 0 ? ~place : place) + 1, Deepest);
    }

    private static async ValueTask<List<string>> HeadAsync(Session session, Generation generation) => await session.QueryAsync<string>(
        """
        select id from generations
        where status = 'queued' and provider = @provider and mode = @mode and account_id = @account
        order by id limit @deepest
        """,
        new { provider = generation.Provider, mode = (long)generation.Mode, account = generation.AccountId, deepest = Deepest });
}
