-- Customers' addresses that are told of events. `events` is null for all, otherwise ',type,type,'. No secret is kept here:
-- it is derived from the server's key, the id and the version.
create table webhook_endpoints (
    id text collate "C" primary key,
    account_id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    url text not null,
    description text,
    events text,
    state text not null check (state in ('active', 'paused', 'disabled')),
    disabled_reason text,
    secret_version bigint not null,
    previous_until bigint,
    failing_since bigint,
    last_failure_at bigint,
    not_before bigint not null,
    created_at bigint not null
);

create index webhook_endpoints_account on webhook_endpoints (account_id, mode, id);

-- The outbox and, afterwards, the log. No foreign key to the endpoint: deleting one must never fail a transaction that writes an event.
create table webhook_deliveries (
    seq bigint generated always as identity primary key,
    id text collate "C" not null unique,
    account_id text collate "C" not null,
    endpoint_id text collate "C" not null,
    type text not null,
    generation_id text collate "C",
    payload text,
    created_at bigint not null,
    state text not null check (state in ('pending', 'delivered', 'failed')),
    version bigint not null,
    attempts bigint not null,
    step bigint not null,
    next_at bigint not null,
    leased_until bigint,
    attempted_at bigint,
    finished_at bigint,
    response_status bigint,
    response_body text,
    error text,
    check ((generation_id is null) = (payload is not null)),
    check ((state = 'pending') = (finished_at is null))
);

create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, seq);
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_at) where state = 'pending';

-- In the transaction of the event itself, so none is lost and none is queued twice. Paused and disabled endpoints gather theirs.
-- Once for a statement: a batch of submits writes many events at once.
create function queue_webhooks() returns trigger language plpgsql as $$
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, created_at, state, version, attempts, step, next_at)
    select 'msg_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26), e.account_id, e.id, n.type, n.generation_id, n.created_at, 'pending', 0, 0, 0, n.created_at
    from new_events n
    join webhook_endpoints e on e.account_id = n.account_id
    join generations g on g.account_id = n.account_id and g.id = n.generation_id and g.mode = e.mode
    where e.events is null or strpos(e.events, ',' || n.type || ',') > 0
    order by n.seq;
    return null;
end $$;

create trigger events_to_webhooks after insert on events
    referencing new table as new_events for each statement execute function queue_webhooks();
