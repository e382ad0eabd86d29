-- How far an account's event log has been deleted: a reader whose place lies there has missed something. Only retention writes it.
create table event_horizons (
    account_id text primary key,
    seq integer not null
) strict, without rowid;

-- A submit changes the count of a day and never the day, so this costs it nothing after the day's first.
create index account_usage_day on account_usage (day);

-- Deleted files only; a file that is there is not in it.
create index artifacts_deleted on artifacts (deleted_at) where deleted_at is not null;
