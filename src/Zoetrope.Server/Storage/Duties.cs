namespace Zoetrope.Server.Storage;

/// <summary>
/// Work that one node at a time does for all: whoever holds a duty has it for a while, and the others leave it. With SQLite
/// there is one process, which has them all.
/// </summary>
internal sealed class Duties(Database database, TimeProvider time)
{
    private const string TakeSql =
        """
        insert into duties (name, holder, held_until) values (@name, @holder, @until)
        on conflict (name) do update set holder = excluded.holder, held_until = excluded.held_until
        where duties.holder = excluded.holder or duties.held_until <= @now
        """;

    private static readonly TimeSpan Held = TimeSpan.FromMinutes(1);

    private readonly string _holder = Guid.NewGuid().ToString("n");
    private readonly Dictionary<string, DateTimeOffset> _held = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>Whether the duty is this node's, for half a minute at least. Where it is not, somebody else sees to it.</summary>
    public async Task<bool> HasAsync(string name)
    {
        if (database.Dialect is not SqlDialect.Postgres)
        {
            return true;
        }

        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_held.GetValueOrDefault(name) > now + (Held / 2))
            {
                return true;
            }
        }

        var until = now + Held;
        var mine = await database.InTransactionAsync(tx => tx.ExecuteAsync(
            TakeSql,
            new { name, holder = _holder, until = until.ToUnixTimeMilliseconds(), now = now.ToUnixTimeMilliseconds() })) == 1;
        lock (_gate)
        {
            _held[name] = mine ? until : default;
        }

        return mine;
    }
}
