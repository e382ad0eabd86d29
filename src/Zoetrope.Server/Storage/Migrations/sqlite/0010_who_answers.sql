-- Who answers for what is sent: the key that made an endpoint (or wrote its URL last, or resumed it), and the key or grant that
-- ordered a task with a `webhookUrl`. When it has ended, nothing more is sent for it. Null is from before this script.
alter table webhook_endpoints add column made_by text;
alter table task_webhooks add column ordered_by text;
alter table webhook_deliveries add column ordered_by text;

-- When the endpoint first took a delivery; until then it gets one at a time. Null is never.
alter table webhook_endpoints add column answered_at integer;

-- When the customer last had it sent again, which is possible once a minute.
alter table webhook_deliveries add column redelivered_at integer;

update webhook_endpoints set answered_at = created_at
where exists (select 1 from webhook_deliveries d where d.endpoint_id = webhook_endpoints.id and d.state = 'delivered');

update task_webhooks set ordered_by = coalesce(
    (select g.key_id from generations g where g.account_id = task_webhooks.account_id and g.id = task_webhooks.subject_id),
    (select b.key_id from batches b where b.account_id = task_webhooks.account_id and b.id = task_webhooks.subject_id));

update webhook_deliveries set ordered_by = (
    select w.ordered_by from task_webhooks w
    where w.account_id = webhook_deliveries.account_id and w.subject_id = webhook_deliveries.generation_id)
where state = 'pending' and url is not null;

-- What an endpoint that never answered is tried with: a delivery that waits for its retry, and tests.
create index webhook_deliveries_trial on webhook_deliveries (endpoint_id, next_at)
    where state = 'pending' and (step > 0 or type = 'webhook.test');

-- The keys that a key was rotated to.
create index api_keys_family on api_keys (spends_with) where spends_with is not null;

-- A key, what it was rotated to and its grants now have one count of unfinished tasks, in the row that counts the key's spend.
update key_usage set in_flight = 0 where in_flight > 0;

insert into key_usage (key_id, in_flight, next_allowed_us)
select coalesce(p.spends_with, k.parent_id, k.spends_with, o.key_id), count(*), 0
from (
    select key_id from generations where status = 'queued'
    union all
    select key_id from generations where status = 'running'
) o
left join api_keys k on k.id = o.key_id
left join api_keys p on p.id = k.parent_id
where true
group by 1
on conflict (key_id) do update set in_flight = excluded.in_flight;

drop trigger events_to_webhooks;

-- In the transaction of the event itself, so none is lost and none is queued twice. Paused and disabled endpoints gather theirs.
create trigger events_to_webhooks after insert on events
when exists (select 1 from webhook_endpoints where account_id = new.account_id)
begin
    insert into webhook_deliveries (
        id, account_id, endpoint_id, type, generation_id, payload, url, ordered_by, created_at, state, version, attempts, step, next_at)
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, case when new.payload is null then new.generation_id end, new.payload,
        null, null, new.created_at, 'pending', 0, 0, 0, new.created_at
    from webhook_endpoints e
    where e.account_id = new.account_id and e.kind = 'account'
      and e.mode = coalesce(new.mode, (select g.mode from generations g where g.account_id = new.account_id and g.id = new.generation_id))
      and (e.events is null or instr(e.events, ',' || new.type || ',') > 0)
    union all
    select 'msg_' || lower(hex(randomblob(13))), e.account_id, e.id, new.type, case when new.payload is null then new.generation_id end, new.payload,
        w.url, w.ordered_by, new.created_at, 'pending', 0, 0, 0, new.created_at
    from task_webhooks w
    join webhook_endpoints e on e.id = w.endpoint_id
    where w.account_id = new.account_id and w.subject_id = new.generation_id;
end;
