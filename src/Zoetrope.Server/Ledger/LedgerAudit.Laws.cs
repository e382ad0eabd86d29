namespace Zoetrope.Server.Ledger;

internal static partial class LedgerAudit
{
    // One pass over the transfers and one over the generations serve every law about tasks; a law is then one select of
    // (law, account, subject, detail) that must return no row.
    private const string TaskLaws = """
        with flows as materialized (
            select account_id, generation_id,
                min(mode) as low_mode, max(mode) as high_mode,
                sum(case when kind = 'hold' then 1 else 0 end) as holds,
                sum(case when kind = 'hold' then amount else 0 end) as held,
                sum(case when resolves is not null then 1 else 0 end) as resolutions,
                sum(case when kind = 'settle' then 1 else 0 end) as settles,
                sum(case when kind = 'settle' then amount else 0 end) as settled,
                sum(case when kind = 'release' then amount else 0 end) as released,
                sum(case when kind = 'refund' then amount else 0 end) as refunded,
                sum(case when kind = 'suspend' then amount when kind = 'unsuspend' then -amount else 0 end) as suspended
            from ledger_transfers
            where generation_id is not null
            group by account_id, generation_id
        ),
        tasks as materialized (
            select coalesce(g.account_id, f.account_id) as account_id, coalesce(g.id, f.generation_id) as id,
                g.id as generation, coalesce(g.status, 'none') as status, g.mode, g.quoted, coalesce(g.charged, 0) as charged,
                coalesce(g.deadline_at, g.created_at + @life) as overdue_at,
                coalesce(f.low_mode, g.mode) as low_mode, coalesce(f.high_mode, g.mode) as high_mode,
                coalesce(f.holds, 0) as holds, coalesce(f.held, 0) as held, coalesce(f.resolutions, 0) as resolutions,
                coalesce(f.settles, 0) as settles, coalesce(f.settled, 0) as settled, coalesce(f.released, 0) as released,
                coalesce(f.refunded, 0) as refunded, coalesce(f.suspended, 0) as suspended
            from flows f full join generations g on g.account_id = f.account_id and g.id = f.generation_id
        )
        select 'L5' as law, account_id, id as subject,
            'holds ' || holds || ', resolutions ' || resolutions || ', settles ' || settles as detail
        from tasks where holds > 1 or resolutions > 1 or settles > 1 or settles > resolutions
        union all
        select 'L6', account_id, id,
            status || ', quoted ' || quoted || ', held ' || held || ', settled ' || settled
                || ', released ' || released || ', charged ' || charged
        from tasks
        where status in ('succeeded', 'failed', 'canceled')
            and (holds <> 1 or resolutions <> 1 or held <> quoted or held <> settled + released or settled <> charged)
        union all
        select 'L7', t.account_id, t.id, t.status || ', overdue since ' || t.overdue_at
        from tasks t
        where t.status in ('queued', 'running') and t.overdue_at + @grace < @now
            and not exists (
                select 1 from attempts a
                where a.account_id = t.account_id and a.generation_id = t.id and a.state in ('intended', 'accepted', 'unknown'))
        union all
        select 'L9', account_id, id,
            status || ', quoted ' || quoted || ', held ' || held || ', resolutions ' || resolutions
                || ', settled ' || settled || ', released ' || released
        from tasks
        where status in ('queued', 'running') and (holds <> 1 or held <> quoted or resolutions <> 0 or settled <> 0 or released <> 0)
        union all
        select 'L10', account_id, id, status || ', holds ' || holds || ', resolutions ' || resolutions
        from tasks
        where (generation is null and (holds = 0 or resolutions = 0 or held <> settled + released))
            or low_mode <> high_mode or low_mode <> coalesce(mode, low_mode)
        union all
        select 'L12', account_id, id, 'settled ' || settled || ', refunded ' || refunded || ', in suspense ' || suspended
        from tasks where refunded > settled or suspended < 0
        limit @limit
        """;

    private const string TransferLaws = """
        select 'L1' as law, account_id, id as subject, kind || ' ' || amount || ' from ' || debit || ' to ' || credit as detail
        from ledger_transfers
        where amount <= 0 or debit = credit or not case kind
            when 'grant' then debit = 'issued' and credit = 'available' and generation_id is null
            when 'adjust' then generation_id is null
                and (debit = 'issued' and credit = 'available' or debit = 'available' and credit = 'issued')
            when 'hold' then debit = 'available' and credit = 'held' and generation_id is not null
            when 'settle' then debit = 'held' and credit = 'revenue' and generation_id is not null
            when 'release' then debit = 'held' and credit = 'available' and generation_id is not null
            when 'refund' then debit = 'revenue' and credit = 'available' and generation_id is not null
            when 'suspend' then debit = 'provider' and credit = 'suspense' and generation_id is not null
            when 'unsuspend' then debit = 'suspense' and credit = 'provider' and generation_id is not null
            else 1 = 0 end
        limit @limit
        """;

    // Every credit that was ever issued is still somewhere: with customers (as their stored balances say) or earned.
    private const string SystemLaw = """
        with buckets as (
            select mode,
                sum(case when credit in ('issued', 'revenue') then amount else 0 end
                    - case when debit in ('issued', 'revenue') then amount else 0 end) as ours,
                sum(case when credit in ('provider', 'suspense') then amount else 0 end
                    - case when debit in ('provider', 'suspense') then amount else 0 end) as theirs
            from ledger_transfers group by mode
        ),
        customers as (select mode, sum(available) + sum(held) as credits from balances group by mode)
        select 'L2' as law, '' as account_id, 'mode ' || coalesce(b.mode, c.mode) as subject,
            'with customers ' || coalesce(c.credits, 0) || ', issued and revenue ' || coalesce(b.ours, 0)
                || ', provider and suspense ' || coalesce(b.theirs, 0) as detail
        from buckets b full join customers c on c.mode = b.mode
        where coalesce(c.credits, 0) + coalesce(b.ours, 0) <> 0 or coalesce(b.theirs, 0) <> 0
        """;

    private const string BalanceLaws = """
        with sums as materialized (
            select account_id, mode,
                sum(case when credit = 'available' then amount when debit = 'available' then -amount else 0 end) as available,
                sum(case when credit = 'held' then amount when debit = 'held' then -amount else 0 end) as held
            from ledger_transfers group by account_id, mode
        )
        select 'L3' as law, coalesce(b.account_id, s.account_id) as account_id, 'mode ' || coalesce(b.mode, s.mode) as subject,
            case when b.account_id is null then 'no balance is stored' else 'stored ' || b.available || ' and ' || b.held || ' held' end
                || ', entries say ' || coalesce(s.available, 0) || ' and ' || coalesce(s.held, 0) || ' held' as detail
        from balances b full join sums s on s.account_id = b.account_id and s.mode = b.mode
        where coalesce(b.available, -1) <> coalesce(s.available, 0) or coalesce(b.held, -1) <> coalesce(s.held, 0)
        union all
        select 'L4', account_id, 'mode ' || mode, 'available ' || available || ', held ' || held
        from balances where available < 0 or held < 0
        limit @limit
        """;

    // Both ways: no code without its credits, and none of these credits without a code.
    private const string VoucherLaw = """
        select 'L15' as law, v.redeemed_by as account_id, v.id as subject, 'redeemed, and its grant is ' || coalesce(t.amount, 0) as detail
        from vouchers v join voucher_batches b on b.id = v.batch_id
        left join ledger_transfers t on t.account_id = v.redeemed_by and t.id = v.transfer_id
        where v.redeemed_by is not null
            and (t.id is null or t.kind <> 'grant' or t.amount <> b.credits or t.mode <> b.mode or t.reference <> 'voucher ' || v.id)
        union all
        select 'L15', t.account_id, t.id, t.amount || ' granted for ' || t.reference || ', which was not redeemed for it'
        from ledger_transfers t left join vouchers v on v.redeemed_by = t.account_id and v.transfer_id = t.id
        where t.reference is not null and substr(t.reference, 1, 12) = 'voucher vch_' and t.kind = 'grant' and v.id is null
        limit @limit
        """;

    private const string InFlightLaw = """
        with open as materialized (
            select coalesce(p.spends_with, k.parent_id, k.spends_with, g.key_id) as key_id, count(*) as tasks
            from generations g left join api_keys k on k.id = g.key_id left join api_keys p on p.id = k.parent_id
            where g.status in ('queued', 'running') group by 1
        )
        select 'L11' as law, '' as account_id, coalesce(u.key_id, o.key_id) as subject,
            'counted ' || coalesce(u.in_flight, 0) || ', open ' || coalesce(o.tasks, 0) as detail
        from key_usage u full join open o on o.key_id = u.key_id
        where coalesce(u.in_flight, 0) <> coalesce(o.tasks, 0)
        union all
        select 'L13', b.account_id, b.id, 'counted ' || b.open || ', open ' || coalesce(i.open, 0) || ' of ' || coalesce(i.tasks, 0)
        from batches b left join (
            select batch_id, count(*) as tasks, sum(case when status in ('queued', 'running') then 1 else 0 end) as open
            from generations where batch_id is not null group by batch_id
        ) i on i.batch_id = b.id
        where b.open <> coalesce(i.open, 0) or b.total <> coalesce(i.tasks, 0)
        limit @limit
        """;

    private const string AppendOnlySqlite = """
        select 'L8' as law, '' as account_id, name as subject, 'the trigger is missing' as detail
        from (select 'ledger_transfers_no_update' as name union all select 'ledger_transfers_no_delete') wanted
        where not exists (
            select 1 from sqlite_master m where m.type = 'trigger' and m.tbl_name = 'ledger_transfers' and m.name = wanted.name)
        """;

    private const string AppendOnlyPostgres = """
        select 'L8' as law, '' as account_id, name as subject, 'the trigger is missing or disabled' as detail
        from (select 'ledger_transfers_append_only' as name) wanted
        where not exists (
            select 1 from pg_trigger t
            where t.tgrelid = 'ledger_transfers'::regclass and t.tgname = wanted.name and t.tgenabled in ('O', 'A'))
        """;

    private static readonly (string Law, string Meaning)[] Meanings =
    [
        ("L1", "Every transfer moves a positive amount between the two buckets of its kind, so it sums to zero."),
        ("L2", "All buckets together sum to zero in each mode."),
        ("L3", "Every stored balance is the sum of its entries, available and held, and none is missing."),
        ("L4", "No account has less than zero available or held."),
        ("L5", "No task has more than one hold or more than one resolution."),
        ("L6", "Every finished task's hold equals its quote, is resolved once and is fully accounted for."),
        ("L7", "No task is open past its deadline without an attempt that explains it."),
        ("L8", "The ledger is append-only: the triggers are in place."),
        ("L9", "Every open task has one unresolved hold of exactly its quote."),
        ("L10", "Every unresolved hold belongs to a task, in the task's mode."),
        ("L11", "Every key's count of tasks in flight is the number of open tasks of itself, its rotations and its grants."),
        ("L12", "No task was refunded more than it was charged, or taken out of suspense more than was put there."),
        ("L13", "Every batch has all of its tasks, and its count of unfinished ones is the number of its open tasks."),
        ("L14", "Every row of the audit log follows from the one before, and none can be changed or deleted: the triggers are in place."),
        ("L15", "Every voucher that was redeemed has one grant of its credits, and every such grant has its voucher."),
    ];
}
