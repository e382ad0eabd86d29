-- Which request made a task: the id that its client sent or was given, and the trace of its traceparent, if it sent one.
-- Both indexes have only what there is to find; ids of ours grow, so that a submit adds at the end.
alter table generations add column request_id text;
alter table generations add column trace_id text;

create index generations_request on generations (request_id) where request_id is not null;
create index generations_trace on generations (trace_id) where trace_id is not null;

-- A vendor's id leads to its attempt, and a task to what was sent about it.
create index attempts_vendor_task on attempts (provider_task_id) where provider_task_id is not null;
create index attempts_vendor_request on attempts (request_id) where request_id is not null;
create index webhook_deliveries_generation on webhook_deliveries (generation_id) where generation_id is not null;
