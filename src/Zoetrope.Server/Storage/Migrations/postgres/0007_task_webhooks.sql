-- Addresses given with one request (`webhookUrl`). Everything an endpoint has (places, pauses, failures, log) they share by
-- origin: one row of kind 'task' for each origin of an account and mode, while the whole address stays with the delivery.
alter table webhook_endpoints add column kind text not null default 'account' check (kind in ('account', 'task'));
alter table webhook_endpoints add column used_at bigint;
create unique index webhook_endpoints_origin on webhook_endpoints (account_id, mode, url) where kind = 'task';

alter table webhook_deliveries add column url text;

-- Which task (or batch) is told where. Nothing is written for a request without an address.
create table task_webhooks (
    account_id text collate "C" not null,
    subject_id text collate "C" not null,
    endpoint_id text collate "C" not null,
    url text not null,
    created_at bigint not null,
    primary key (account_id, subject_id)
);

create index task_webhooks_age on task_webhooks (created_at);

-- The version of the key that signs what goes to the origins of an account and mode; no row is version 1.
create table webhook_signers (
    account_id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    version bigint not null,
    previous_until bigint,
    primary key (account_id, mode)
);

-- What came of each attempt; the delivery itself has the newest answer.
create table webhook_attempts (
    delivery_seq bigint not null,
    number bigint not null,
    at bigint not null,
    duration_ms bigint not null,
    status bigint,
    body text,
    error text,
    primary key (delivery_seq, number)
);

-- `alert_below`: tell when the available credits fall below it; null is the server's default, 0 is never.
-- `alerted_below`: what was undercut and told; null is armed. A top-up above it arms again.
alter table balances add column alert_below bigint check (alert_below >= 0);
alter table balances add column alerted_below bigint;

-- In the transaction of the event itself, so none is lost and none is queued twice. Paused and disabled endpoints gather theirs.
-- Once for a statement: a batch of submits writes many events at once.
create or replace function queue_webhooks() returns trigger language plpgsql as $$
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, payload, url, created_at, state, version, attempts, step, next_at)
    select 'msg_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26), t.account_id, t.endpoint_id, t.type, t.generation_id, t.payload, t.url,
        t.created_at, 'pending', 0, 0, 0, t.created_at
    from (
        select n.seq, e.account_id, e.id as endpoint_id, n.type, case when n.payload is null then n.generation_id end as generation_id, n.payload, null as url, n.created_at
        from new_events n
        join webhook_endpoints e on e.account_id = n.account_id and e.kind = 'account'
        left join generations g on g.account_id = n.account_id and g.id = n.generation_id
        where e.mode = coalesce(n.mode, g.mode) and (e.events is null or strpos(e.events, ',' || n.type || ',') > 0)
        union all
        select n.seq, e.account_id, e.id, n.type, case when n.payload is null then n.generation_id end, n.payload, w.url, n.created_at
        from new_events n
        join task_webhooks w on w.account_id = n.account_id and w.subject_id = n.generation_id
        join webhook_endpoints e on e.id = w.endpoint_id
    ) t
    order by t.seq;
    return null;
end $$;
