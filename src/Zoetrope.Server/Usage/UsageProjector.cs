using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>Counts what has happened into the rows of usage, a moment later, on one node. Nothing waits for it.</summary>
internal sealed partial class UsageProjector(
    Database database, UsageBooks books, Duties duties, TimeProvider time, ILogger<UsageProjector> logger) : BackgroundService
{
    private const string Duty = "usage";

    /// <summary>Accounts of one look; the rest waits for the next.</summary>
    private const int MostAccounts = 1_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    // A number becomes visible when its transaction commits, which may be after higher ones of other accounts. An account that was
    // overlooked for that reason is found by its next event, or by this.
    private static readonly TimeSpan LookAtAll = TimeSpan.FromMinutes(10);

    private const string ChangedSql =
        """
        select account_id, max(seq) as seq from (
            select account_id, seq from events where seq > @seen order by seq limit @most
        ) page group by account_id
        """;

    private const string BehindSql =
        """
        select id from accounts a
        where id > @after and (
            not exists (select 1 from usage_checkpoints c where c.account_id = a.id)
            or exists (
                select 1 from events e where e.account_id = a.id
                    and e.seq > (select c.seq from usage_checkpoints c where c.account_id = a.id)))
        order by id limit @most
        """;

    private const int MostEvents = 10_000;

    private long _seen;
    private DateTimeOffset _lookAtAllAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Look, time);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (!await duties.HasAsync(Duty))
            {
                // Whoever takes it over does not know what was seen.
                _lookAtAllAt = default;
                return;
            }

            if (_lookAtAllAt <= time.GetUtcNow())
            {
                var head = await database.ReadAsync(async session =>
                    await session.ScalarAsync<long>("select coalesce(max(seq), 0) from events"));
                await CountAllAsync(stoppingToken);
                (_seen, _lookAtAllAt) = (head, time.GetUtcNow() + LookAtAll);
            }

            var changed = await database.ReadAsync(async session =>
                await session.QueryAsync<(string Account, long Seq)>(ChangedSql, new { seen = _seen, most = MostEvents }));
            foreach (var (account, _) in changed)
            {
                await CountAsync(account, stoppingToken);
            }

            _seen = changed.Count == 0 ? _seen : changed.Max(one => one.Seq);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // It begins again where it was: nothing is lost and nothing is counted twice.
            LogFailed(exception);
        }
    }

    private async Task CountAllAsync(CancellationToken stoppingToken)
    {
        var after = "";
        while (await database.ReadAsync(async session =>
            await session.QueryAsync<string>(BehindSql, new { after, most = MostAccounts })) is { Count: > 0 } behind)
        {
            foreach (var account in behind)
            {
                await CountAsync(account, stoppingToken);
            }

            after = behind[^1];
        }
    }

    private async Task CountAsync(string account, CancellationToken stoppingToken)
    {
        while (await books.CountAsync(account))
        {
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    [LoggerMessage(LogLevel.Error, "Usage could not be counted; trying again")]
    private partial void LogFailed(Exception exception);
}
