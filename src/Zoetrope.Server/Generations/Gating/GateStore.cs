using System.Collections.Immutable;
using System.Text.Json;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>The SQL of <c>provider_gates</c>: one row per provider that ever failed, changed by compare-and-swap.</summary>
internal static class GateStore
{
    private const string Columns = "provider, version, failures, opened, open_until, probe_until, reason, keys";

    private const string Selected = Columns + ", paused_because, paused_at";

    // What a key was refused for long ago decides nothing any more.
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    public static async ValueTask<IReadOnlyDictionary<string, SharedGate>> AllAsync(Session session)
    {
        var rows = await session.QueryAsync<Row>($"select {Selected} from provider_gates");
        return rows.ToDictionary(row => row.Provider, row => row.ToGate(), StringComparer.Ordinal);
    }

    public static async ValueTask<SharedGate> FindAsync(Session session, string provider) =>
        (await session.FirstOrDefaultAsync<Row>($"select {Selected} from provider_gates where provider = @provider", new { provider }))?.ToGate()
        ?? SharedGate.Untouched;

    /// <summary>Writes the next state over the one that was seen; false where another node was quicker.</summary>
    public static async Task<bool> SwapAsync(Tx tx, string provider, GateChange change, DateTimeOffset now) => await tx.ExecuteAsync(
        $"""
        insert into provider_gates ({Columns})
        values (@provider, @seen + 1, @failures, @opened, @openUntil, @probeUntil, @reason, @keys)
        on conflict (provider) do update set version = excluded.version, failures = excluded.failures, opened = excluded.opened,
            open_until = excluded.open_until, probe_until = excluded.probe_until, reason = excluded.reason, keys = excluded.keys
        where provider_gates.version = @seen
        """,
        new
        {
            provider,
            seen = change.Over.Version,
            failures = (long)change.Next.Failures,
            opened = (long)change.Next.Opened,
            openUntil = Milliseconds(change.Next.OpenUntil),
            probeUntil = Milliseconds(change.Next.ProbeUntil),
            reason = Stored(change.Next.Reason),
            keys = Write(change.Next.Keys, now),
        }) == 1;

    /// <summary>Forgets what was learned, as an operator wishes who has mended it; false where there was nothing.</summary>
    public static async Task<bool> ReopenAsync(Tx tx, string provider) => await tx.ExecuteAsync(
        """
        update provider_gates set version = version + 1, failures = 0, opened = 0, open_until = 0, probe_until = 0, reason = '', keys = '{}'
        where provider = @provider
        """,
        new { provider }) == 1;

    /// <summary>Takes the provider out of service, or puts it back where no reason is given; false where it is so already.</summary>
    public static async Task<bool> PauseAsync(Tx tx, string provider, string? reason, DateTimeOffset now) => await tx.ExecuteAsync(
        $"""
        insert into provider_gates ({Selected}) select @provider, 1, 0, 0, 0, 0, '', @keys, @reason, @at
        where cast(@reason as text) is not null or exists (select 1 from provider_gates where provider = @provider)
        on conflict (provider) do update set version = provider_gates.version + 1, paused_because = @reason, paused_at = @at
        where (provider_gates.paused_because is null) = (cast(@reason as text) is not null)
        """,
        new { provider, reason, keys = "{}", at = reason is null ? (long?)null : now.ToUnixTimeMilliseconds() }) == 1;

    private static long Milliseconds(DateTimeOffset time) => time == default ? 0 : time.ToUnixTimeMilliseconds();

    private static DateTimeOffset Time(long milliseconds) =>
        milliseconds == 0 ? default : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    // A vendor's words: PostgreSQL stores no NUL.
    private static string Stored(string words) => ShortText.Of(words, 500).Replace('\0', ' ');

    private static string Write(ImmutableSortedDictionary<string, KeyRest> keys, DateTimeOffset now) => JsonSerializer.Serialize(
        keys.Where(key => key.Value.Until > now - Remembered).ToDictionary(
            key => key.Key,
            key => new StoredRest(key.Value.Refusals, Milliseconds(key.Value.Until), Stored(key.Value.Reason)),
            StringComparer.Ordinal),
        WireJson.Options);

    private static ImmutableSortedDictionary<string, KeyRest> Read(string keys) =>
        JsonSerializer.Deserialize<Dictionary<string, StoredRest>>(keys, WireJson.Options)!.ToImmutableSortedDictionary(
            key => key.Key, key => new KeyRest(key.Value.Refusals, Time(key.Value.Until), key.Value.Reason), StringComparer.Ordinal);

    private sealed record StoredRest(int Refusals, long Until, string Reason);

    private sealed class Row
    {
        public string Provider { get; init; } = "";

        public long Version { get; init; }

        public long Failures { get; init; }

        public long Opened { get; init; }

        public long OpenUntil { get; init; }

        public long ProbeUntil { get; init; }

        public string Reason { get; init; } = "";

        public string Keys { get; init; } = "{}";

        public string? PausedBecause { get; init; }

        public long? PausedAt { get; init; }

        public SharedGate ToGate() => new(Version, new GateState
        {
            Failures = (int)Failures,
            Opened = (int)Opened,
            OpenUntil = Time(OpenUntil),
            ProbeUntil = Time(ProbeUntil),
            Reason = Reason,
            Keys = Read(Keys),
        })
        {
            Pause = PausedBecause is { } reason ? new GatePause(reason, Time(PausedAt ?? 0)) : null,
        };
    }
}
