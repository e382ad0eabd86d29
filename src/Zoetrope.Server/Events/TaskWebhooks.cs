using Zoetrope.Server.Egress;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Events;

/// <summary>
/// URLs that are given with one request and notified of that task, or of that batch, alone. To the machinery they are an
/// endpoint for each origin, so that a host which hangs has a few places however many of its URLs are named.
/// </summary>
internal sealed class TaskWebhooks(Database database, EgressClient egress, WebhookOptions options)
{
    public const int MaxUrl = 2048;

    private const string OriginsSql = "select url from webhook_endpoints where account_id = @accountId and mode = @mode and kind = 'task'";

    // Naming a URL again says that it works: what was disabled gets another chance, what the customer paused stays paused.
    private const string OriginSql =
        """
        insert into webhook_endpoints (id, account_id, mode, kind, url, state, secret_version, not_before, created_at, used_at)
        values (@id, @accountId, @mode, 'task', @origin, 'active', 1, 0, @now, @now)
        on conflict (account_id, mode, url) where kind = 'task' do update set
            used_at = excluded.used_at,
            failing_since = case when webhook_endpoints.state = 'disabled' then null else webhook_endpoints.failing_since end,
            disabled_reason = case when webhook_endpoints.state = 'disabled' then null else webhook_endpoints.disabled_reason end,
            state = case when webhook_endpoints.state = 'disabled' then 'active' else webhook_endpoints.state end
        returning id
        """;

    private const string AttachSql =
        "insert into task_webhooks (account_id, subject_id, endpoint_id, url, ordered_by, created_at) "
        + "values (@accountId, @subjectId, @endpoint, @url, @orderedBy, @now)";

    /// <summary>How many hosts the URLs of one account and mode may have.</summary>
    public int MaxHosts => options.MaxEndpoints;

    /// <summary>What is wrong with a URL, by the rules of endpoints; checked before anything is held.</summary>
    public async ValueTask<Problem?> CheckAsync(string accountId, KeyMode mode, string url, string field)
    {
        if (url.Length > MaxUrl)
        {
            return Problems.InvalidParameter.With(
                $"{field} is longer than {MaxUrl} characters.", field, $"{url.Length} characters", $"at most {MaxUrl} characters");
        }

        if (egress.Check(url, out var address) is { } failure)
        {
            return Webhooks.Refused(failure, field, url);
        }

        var known = await database.ReadAsync(async session => await HostsAsync(session, accountId, mode));
        return known.Count < MaxHosts || known.Contains(HostOf(address)) ? null : TooManyHosts(known.Count, url, MaxHosts);
    }

    /// <summary>The hosts that an account's URLs have so far.</summary>
    public static async Task<HashSet<string>> HostsAsync(Session session, string accountId, KeyMode mode) =>
        [.. await session.QueryAsync<string>(OriginsSql, new { accountId, mode = (long)mode })];

    public static Problem TooManyHosts(int used, string url, int most) => Problems.InvalidOperation.With(
        $"The account already uses {used} webhookUrl hosts, and {most} is the maximum. "
        + "Delete one that GET /api/v1/webhooks lists as kind `task`, or add an endpoint there.",
        "webhookUrl",
        url,
        $"at most {most} hosts");

    /// <summary>
    /// Notes where a task, or a batch, is reported, and for whom: nothing is sent after the end of the key or grant that ordered
    /// it. Before the first event is written, in the same transaction.
    /// </summary>
    public static async Task AttachAsync(Tx tx, Caller caller, string subjectId, string url, DateTimeOffset at)
    {
        var (accountId, mode, now) = (caller.AccountId, (long)caller.Mode, at.ToUnixTimeMilliseconds());
        var endpoint = await tx.ScalarAsync<string>(
            OriginSql, new { id = Ids.New(Ids.WebhookEndpoint, now), accountId, mode, origin = HostOf(url), now });
        await tx.ExecuteAsync(AttachSql, new { accountId, subjectId, endpoint, url, orderedBy = caller.ApiKeyId, now });
    }

    /// <summary>The receiver wants no more of this task.</summary>
    public static Task DetachAsync(Tx tx, string accountId, string subjectId) =>
        tx.ExecuteAsync(
            "delete from task_webhooks where account_id = @accountId and subject_id = @subjectId", new { accountId, subjectId });

    /// <summary>Forgets some of what no running task can need, then origins that were neither named nor notified for so long.</summary>
    public static async Task<int> PruneAsync(Tx tx, long before)
    {
        var addresses = await tx.ExecuteAsync(
            """
            delete from task_webhooks where (account_id, subject_id) in (
                select account_id, subject_id from task_webhooks where created_at < @before order by created_at limit 500
            )
            """,
            new { before });
        return addresses > 0
            ? addresses
            : await tx.ExecuteAsync(
                """
                delete from webhook_endpoints where kind = 'task' and state <> 'paused' and used_at < @before
                    and not exists (select 1 from webhook_deliveries d where d.endpoint_id = webhook_endpoints.id)
                    and not exists (select 1 from task_webhooks w where w.endpoint_id = webhook_endpoints.id)
                """,
                new { before });
    }

    /// <summary>Scheme, host and port of a URL that was checked.</summary>
    public static string HostOf(string url) => HostOf(new Uri(url));

    private static string HostOf(Uri url) => url.GetLeftPart(UriPartial.Authority);
}
