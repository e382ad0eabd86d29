using Zoetrope.Server.Audit;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Gating;

/// <summary>What an operator sees of the providers, and does to them.</summary>
internal sealed class ProviderOperations(
    Database database, ProviderRegistry registry, GateBooks gates, ProviderHistory history, TimeProvider time)
{
    private const long RecentMinutes = 10;

    // Fewer recent runs say nothing; a provider is slow when they take twice as long as on the whole day.
    private const long FewestRuns = 5;
    private const int Slower = 2;

    private const string ErrorsSql =
        """
        select id, account_id, generation_id, provider_model, state, error, updated_at
        from attempts where provider = @provider and error is not null order by id desc limit @limit
        """;

    /// <summary>All that are configured, by name; and with <paramref name="all"/> those that are not.</summary>
    public async Task<IReadOnlyList<ProviderState>> ListAsync(bool all)
    {
        var now = history.Now;
        var day = await history.SumsAsync(now - (long)ProviderHistory.Span.TotalMinutes + 1);
        var recent = await history.SumsAsync(now - RecentMinutes + 1);
        var states = new List<ProviderState>();
        foreach (var name in (all ? registry.AllNames : registry.Names).Order(StringComparer.Ordinal))
        {
            var profile = registry.Profile(name)!;
            if (!registry.IsConfigured(name))
            {
                states.Add(new ProviderState(profile, null, 0, 0, ProviderCounts.None, "off"));
                continue;
            }

            var running = await database.ReadAsync(session => GenerationStore.CountRunningAsync(session, name));
            var (standing, counts) = (registry.Gate(name).Standing(), day.GetValueOrDefault(name, ProviderCounts.None));
            var word = WordOf(standing, recent.GetValueOrDefault(name), counts);
            states.Add(new ProviderState(profile, standing, running, registry.Options(name).Concurrency, counts, word));
        }

        return states;
    }

    /// <summary>The minutes of the last day that had something, oldest first.</summary>
    public async Task<Outcome<List<ProviderCounts>>> HistoryAsync(string provider, int minutes) => registry.IsConfigured(provider)
        ? await history.MinutesAsync(provider, history.Now - minutes + 1)
        : NoProvider(provider);

    /// <summary>The newest failures, in the provider's words.</summary>
    public async Task<Outcome<List<ProviderFailure>>> ErrorsAsync(string provider, int limit) => registry.IsConfigured(provider)
        ? await database.ReadAsync(async session =>
            await session.QueryAsync<ProviderFailure>(ErrorsSql, new { provider, limit = (long)limit }))
        : NoProvider(provider);

    /// <summary>Nothing new is submitted to it, by any node, once this has returned; what runs there goes on.</summary>
    public Task<Outcome<GatePause?>> PauseAsync(Actor by, string provider, string reason) => SetAsync(by, provider, reason);

    public Task<Outcome<GatePause?>> ResumeAsync(Actor by, string provider) => SetAsync(by, provider, reason: null);

    public Problem NoProvider(string provider) => Problems.ProviderNotFound.With(
        "No provider with this name is configured. GET /admin/v1/providers lists them.",
        "provider",
        provider,
        string.Join(", ", registry.Names.Order(StringComparer.Ordinal)));

    private static string WordOf(ProviderStanding standing, ProviderCounts? recent, ProviderCounts day) => standing switch
    {
        { Pause: not null } => "paused",
        { CircuitOpen: true } => "circuit_open",
        { StoppedBecause: not null } => "keys_refused",
        _ => recent is { Median: { } now, Completed: >= FewestRuns } && now > day.Median * Slower ? "slow" : "healthy",
    };

    private async Task<Outcome<GatePause?>> SetAsync(Actor by, string provider, string? reason)
    {
        if (registry.Find(provider) is not { } adapter)
        {
            return NoProvider(provider);
        }

        if (adapter.Profile.BuiltIn)
        {
            return Problems.InvalidOperation.With("The built-in provider of test keys cannot be paused.", "provider", provider);
        }

        var changed = await database.InTransactionAsync(async tx =>
        {
            var before = (await GateStore.FindAsync(tx, provider)).Pause;
            if (!await GateStore.PauseAsync(tx, provider, reason, time.GetUtcNow()))
            {
                return false;
            }

            await AuditLog.AppendAsync(tx, by, EntryOf(provider, before?.Reason, reason), time.GetUtcNow());
            return true;
        });
        await gates.RefreshAsync(provider);
        return changed
            ? Outcome<GatePause?>.Of(registry.Gate(provider).Pause)
            : Problems.InvalidOperation.With(
                reason is null ? $"{provider} is not paused." : $"{provider} is paused already. Resume it first to give another reason.",
                "provider",
                provider);
    }

    /// <summary>The row of the audit log about a pause or its end.</summary>
    public static AuditEntry EntryOf(string provider, string? before, string? reason) =>
        new(AuditEntry.OfServer, reason is null ? "provider.resumed" : "provider.paused", provider)
        {
            Before = before is null ? null : new { reason = before },
            After = reason is null ? null : new { reason },
        };
}

/// <summary>A provider now.</summary>
/// <param name="Profile">What it is.</param>
/// <param name="Standing">Null where it is not configured.</param>
/// <param name="Running">Tasks in its places.</param>
/// <param name="Concurrency">Its places.</param>
/// <param name="Day">What it answered in the last 24 hours.</param>
/// <param name="Word">healthy, slow, circuit_open, keys_refused, paused or off.</param>
internal sealed record ProviderState(
    ProviderProfile Profile, ProviderStanding? Standing, long Running, int Concurrency, ProviderCounts Day, string Word);

/// <summary>An attempt that failed.</summary>
internal sealed record ProviderFailure(
    string Id, string AccountId, string GenerationId, string ProviderModel, string State, string Error, long UpdatedAt);
