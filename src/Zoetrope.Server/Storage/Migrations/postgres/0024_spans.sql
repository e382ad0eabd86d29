-- The span of the request that made a task, in the trace of trace_id: the parent of the spans of its steps.
alter table generations add column span_id text collate "C";
