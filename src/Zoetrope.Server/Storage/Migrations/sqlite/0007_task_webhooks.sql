-- Addresses given with one request (`webhookUrl`). Everything an endpoint has (places, pauses, failures, log) they share by
-- origin: one row of kind 'task' for each origin of an account and mode, while the whole address stays with the delivery.
alter table webhook_endpoints add column kind text not null default 'account' check (kind in ('account', 'task'));
alter table webhook_endpoints add column used_at integer;
create unique index webhook_endpoints_origin on webhook_endpoints (account_id, mode, url) where kind = 'task';

alter table webhook_deliveries add column url text;

-- Which task (or batch) is told where. Nothing is written for a request without an address.
create table task_webhooks (
    account_id text not null,
    subject_id text not null,
    endpoint_id text not null,
    url text not null,
    created_at integer not null,
    primary key (account_id, subject_id)
) strict, without rowid;

create index task_webhooks_age on task_webhooks (created_at);

-- The version of the key that signs what goes to the origins of an account and mode; no row is version 1.
create table webhook_signers (
    account_id text not null,
    mode integer not null check (mode in (0, 1)),
    version integer not null,
    previous_until integer,
    primary key (account_id, mode)
) strict, without rowid;

-- What came of each attempt; the delivery itself has the newest answer.
create table webhook_attempts (
    delivery_seq integer not null,
    number integer not null,
    at integer not null,
    duration_ms integer not null,
    status integer,
    body text,
    error text,
    primary key (delivery_seq, number)
) strict, without rowid;

-- `alert_below`: tell when the available credits fall below it; null is the server's default, 0 is never.
-- `alerted_below`: what was undercut and told; null is armed. A top-up above it arms again.
alter table balances add column alert_below integer check (alert_below >= 0);
alter table balances add column alerted_below integer;

drop trigger events_to_webhooks;

-- In the transaction of the event itself, so none is lost and none is queued twice. Paused and disabled endpoints gather theirs.
create trigger events_to_webhooks after insert on events
when exists (select 1 from webhook_endpoints where account_id = new.account_id)
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, payload, url, created_at, state, version, attempts, step, next_at)
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, case when new.payload is null then new.generation_id end, new.payload, null,
        new.created_at, 'pending', 0, 0, 0, new.created_at
    from webhook_endpoints e
    where e.account_id = new.account_id and e.kind = 'account'
      and e.mode = coalesce(new.mode, (select g.mode from generations g where g.account_id = new.account_id and g.id = new.generation_id))
      and (e.events is null or instr(e.events, ',' || new.type || ',') > 0)
    union all
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, case when new.payload is null then new.generation_id end, new.payload, w.url,
        new.created_at, 'pending', 0, 0, 0, new.created_at
    from task_webhooks w
    join webhook_endpoints e on e.id = w.endpoint_id
    where w.account_id = new.account_id and w.subject_id = new.generation_id;
end;
