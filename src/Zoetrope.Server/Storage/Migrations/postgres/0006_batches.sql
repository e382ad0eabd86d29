-- Many requests that were admitted, held and written together. `open` counts the items that have not ended; whoever takes it
-- to zero, in the transaction that ends the last one, writes the event. Every other count is read from the items.
create table batches (
    account_id text collate "C" not null,
    id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    key_id text collate "C" not null,
    total bigint not null check (total > 0),
    open bigint not null check (open between 0 and total),
    created_at bigint not null,
    finished_at bigint,
    primary key (account_id, id),
    check ((open = 0) = (finished_at is not null))
);

alter table generations add column batch_id text collate "C";
alter table generations add column batch_index bigint;

-- Counts and charges of a batch without touching the rows; tasks outside a batch are not in it.
create index generations_batch on generations (batch_id, status, charged, quoted) where batch_id is not null;

-- Events that are about no task carry their own data and mode; `generation_id` then names the batch.
alter table events add column mode bigint check (mode in (0, 1));
alter table events add column payload text;

create or replace function queue_webhooks() returns trigger language plpgsql as $$
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, payload, created_at, state, version, attempts, step, next_at)
    select 'msg_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26), e.account_id, e.id, n.type, case when n.payload is null then n.generation_id end, n.payload,
        n.created_at, 'pending', 0, 0, 0, n.created_at
    from new_events n
    left join generations g on n.mode is null and g.account_id = n.account_id and g.id = n.generation_id
    join webhook_endpoints e on e.account_id = n.account_id and e.mode = coalesce(n.mode, g.mode)
    where e.events is null or strpos(e.events, ',' || n.type || ',') > 0
    order by n.seq;
    return null;
end $$;
