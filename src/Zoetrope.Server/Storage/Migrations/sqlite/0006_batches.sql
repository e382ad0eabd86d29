-- Many requests that were admitted, held and written together. `open` counts the items that have not ended; whoever takes it
-- to zero, in the transaction that ends the last one, writes the event. Every other count is read from the items.
create table batches (
    account_id text not null,
    id text not null,
    mode integer not null check (mode in (0, 1)),
    key_id text not null,
    total integer not null check (total > 0),
    open integer not null check (open between 0 and total),
    created_at integer not null,
    finished_at integer,
    primary key (account_id, id),
    check ((open = 0) = (finished_at is not null))
) strict, without rowid;

alter table generations add column batch_id text;
alter table generations add column batch_index integer;

-- Counts and charges of a batch without touching the rows; tasks outside a batch are not in it.
create index generations_batch on generations (batch_id, status, charged, quoted) where batch_id is not null;

-- Events that are about no task carry their own data and mode; `generation_id` then names the batch.
alter table events add column mode integer check (mode in (0, 1));
alter table events add column payload text;

drop trigger events_to_webhooks;

create trigger events_to_webhooks after insert on events
begin
    insert into webhook_deliveries (id, account_id, endpoint_id, type, generation_id, payload, created_at, state, version, attempts, step, next_at)
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, case when new.payload is null then new.generation_id end, new.payload,
        new.created_at, 'pending', 0, 0, 0, new.created_at
    from webhook_endpoints e
    where e.account_id = new.account_id
      and e.mode = coalesce(new.mode, (select g.mode from generations g where g.account_id = new.account_id and g.id = new.generation_id))
      and (e.events is null or instr(e.events, ',' || new.type || ',') > 0);
end;
