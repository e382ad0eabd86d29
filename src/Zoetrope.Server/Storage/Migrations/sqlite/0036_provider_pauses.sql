-- An operator may take a provider out of service: null where it is in service. The version of the row says so to every node.
alter table provider_gates add column paused_because text;
alter table provider_gates add column paused_at integer;

-- What providers answered, by the minute (since 1970 UTC): how many tasks were taken, made or failed, and in which classes of duration
-- they were made. Each node adds what it counted. Nothing hangs on it: a count that a crash loses is not missed.
create table provider_minutes (
    provider text not null,
    minute integer not null,
    kind text not null,
    number integer not null check (number > 0),
    primary key (provider, minute, kind)
) strict, without rowid;

create index provider_minutes_minute on provider_minutes (minute);

-- Few attempts have words of a failure; the newest of a provider are read.
create index attempts_errors on attempts (provider, id) where error is not null;

-- When its provider had finished and its files were about to be fetched.
alter table attempts add column ready_at integer;
