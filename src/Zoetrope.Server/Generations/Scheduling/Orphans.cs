using System.Threading.Channels;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Generations.Scheduling;

/// <summary>
/// Makes the running tasks of nodes that are gone due, so that the others go on with them at once instead of when the tasks'
/// own times come. A submit whose outcome nobody wrote down keeps its lease: whoever was declared dead may still be sending.
/// </summary>
internal sealed partial class Orphans(
    Database database, ISiloStatusOracle silos, GenerationOwner self, TimeProvider time, ILogger<Orphans> logger)
    : BackgroundService, ISiloStatusListener
{
    private const int RowsInOneTransaction = 1_000;

    // Only a look that was missed waits for this.
    private static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    // From owner to owner by the index, however many tasks each has. 6: Orleans declared it dead.
    private const string GoneSql =
        """
        with recursive owners as (
            (select owner from generations where status = 'running' and owner is not null order by owner limit 1)
            union all
            select (
                select g.owner from generations g where g.status = 'running' and g.owner > owners.owner order by g.owner limit 1)
            from owners where owners.owner is not null
        )
        select owner from (select owner from owners union select owner from sandbox_jobs where state in ('waiting', 'rendering')) as named
        where owner is not null and not exists (
            select 1 from silos
            where deployment = @cluster and address || ':' || port || '@' || generation = owner and status < 6)
        """;

    private const string FreeSql =
        """
        with freed as (
            select account_id, id from generations
            where owner = @owner and status = 'running'
            order by account_id, id limit @take for update skip locked
        )
        update generations g set owner = null, next_run_at =
            case when g.step = 'submit' and g.attempt_id is not null then g.next_run_at else least(g.next_run_at, @now) end
        from freed where g.account_id = freed.account_id and g.id = freed.id
        """;

    private const string FreeJobsSql =
        """
        update sandbox_jobs set state = 'waiting', owner = null, leased_until = null where state = 'rendering' and owner = @owner
        """;

    private readonly Channel<byte> _changes = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status is SiloStatus.Dead)
        {
            _changes.Writer.TryWrite(0);
        }
    }

    /// <summary>Leaves this node's own tasks to the others.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (self.Name is { } own)
        {
            try
            {
                await FreeAsync(own);
            }
            catch (Exception exception) when (database.MayPass(exception))
            {
                LogFailed(exception);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (self.Name is null)
        {
            return;
        }

        silos.SubscribeToSiloStatusEvents(this);
        try
        {
            while (true)
            {
                try
                {
                    await FreeGoneAsync();
                }
                catch (Exception exception) when (database.MayPass(exception))
                {
                    LogFailed(exception);
                }

                await NextAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private async Task NextAsync(CancellationToken stoppingToken)
    {
        using var limit = new CancellationTokenSource(Between, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, limit.Token);
        try
        {
            await _changes.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task FreeGoneAsync()
    {
        var gone = await database.ReadAsync(
            async session => await session.QueryAsync<string>(GoneSql, new { cluster = self.Cluster }));
        foreach (var owner in gone)
        {
            if (await FreeAsync(owner) is var freed and > 0)
            {
                LogFreed(freed, owner);
            }
        }
    }

    private async Task<long> FreeAsync(string owner)
    {
        await database.InTransactionAsync(tx => tx.ExecuteAsync(FreeJobsSql, new { owner }));
        for (var freed = 0L; ;)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var some = await database.InTransactionAsync(tx => tx.ExecuteAsync(FreeSql, new { owner, now, take = RowsInOneTransaction }));
            freed += some;
            if (some < RowsInOneTransaction)
            {
                return freed;
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Going on with {Count} running tasks of {Owner}, which is gone")]
    private partial void LogFreed(long count, string owner);

    [LoggerMessage(LogLevel.Warning, "The tasks of nodes that are gone could not be looked for; trying again")]
    private partial void LogFailed(Exception exception);
}
