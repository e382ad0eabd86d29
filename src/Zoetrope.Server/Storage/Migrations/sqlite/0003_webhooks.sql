-- Customers' addresses that are told of events. `events` is null for all, otherwise ',type,type,'. No secret is kept here:
-- it is derived from the server's key, the id and the version.
create table webhook_endpoints (
    id text primary key,
    account_id text not null,
    mode integer not null check (mode in (0, 1)),
    url text not null,
    description text,
    events text,
    state text not null check (state in ('active', 'paused', 'disabled')),
    disabled_reason text,
    secret_version integer not null,
    previous_until integer,
    failing_since integer,
    last_failure_at integer,
    not_before integer not null,
    created_at integer not null
) strict, without rowid;

create index webhook_endpoints_account on webhook_endpoints (account_id, mode, id);

-- The outbox and, afterwards, the log. No foreign key to the endpoint: deleting one must never fail a transaction that writes an event.
create table webhook_deliveries (
    seq integer primary key autoincrement,
    id text not null unique,
    account_id text not null,
    endpoint_id text not null,
    type text not null,
    generation_id text,
    payload text,
    created_at integer not null,
    state text not null check (state in ('pending', 'delivered', 'failed')),
    version integer not null,
    attempts integer not null,
    step integer not null,
    next_at integer not null,
    leased_until integer,
    attempted_at integer,
    finished_at integer,
    response_status integer,
    response_body text,
    error text,
    check ((generation_id is null) = (payload is not null)),
    check ((state = 'pending') = (finished_at is null))
) strict;

create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, seq);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_at) where state = 'pending';

-- In the transaction of the event itself, so none is lost and none is queued twice. Paused and disabled endpoints gather theirs.
create trigger events_to_webhooks after insert on events
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, created_at, state, version, attempts, step, next_at)
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, new.generation_id, new.created_at, 'pending', 0, 0, 0, new.created_at
    from webhook_endpoints e
    where e.account_id = new.account_id
      and e.mode = (select g.mode from generations g where g.account_id = new.account_id and g.id = new.generation_id)
      and (e.events is null or instr(e.events, ',' || new.type || ',') > 0);
end;
