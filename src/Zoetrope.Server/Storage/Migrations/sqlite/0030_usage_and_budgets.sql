-- What tasks used, by the hour (since 1970 UTC) in which the ledger charged, released or refunded them. An empty text is none; an outcome
-- is empty for a success and otherwise the code of the failure. Everything here follows from the ledger: `usage rebuild`.
create table usage_hours (
    account_id text not null,
    mode integer not null,
    hour integer not null,
    model text not null,
    provider text not null,
    key_id text not null,
    person_id text not null,
    end_user text not null,
    outcome text not null,
    tasks integer not null,
    charged integer not null,
    refunded integer not null,
    media_ms integer not null,
    bytes integer not null,
    cost_micros integer not null,
    primary key (account_id, mode, hour, model, provider, key_id, person_id, end_user, outcome)
) strict, without rowid;

-- The same by the day (since 1970 UTC), which months are read from.
create table usage_days (
    account_id text not null,
    mode integer not null,
    day integer not null,
    model text not null,
    provider text not null,
    key_id text not null,
    person_id text not null,
    end_user text not null,
    outcome text not null,
    tasks integer not null,
    charged integer not null,
    refunded integer not null,
    media_ms integer not null,
    bytes integer not null,
    cost_micros integer not null,
    primary key (account_id, mode, day, model, provider, key_id, person_id, end_user, outcome)
) strict, without rowid;

-- The same for each tag of a task: a task with three tags is in three rows, so that rows do not multiply.
create table usage_tag_hours (
    account_id text not null,
    mode integer not null,
    name text not null,
    hour integer not null,
    value text not null,
    model text not null,
    outcome text not null,
    tasks integer not null,
    charged integer not null,
    refunded integer not null,
    media_ms integer not null,
    bytes integer not null,
    cost_micros integer not null,
    primary key (account_id, mode, name, hour, value, model, outcome)
) strict, without rowid;

-- How far an account's event log is counted; changes in the transaction of the rows that it changes.
create table usage_checkpoints (
    account_id text primary key,
    seq integer not null
) strict, without rowid;

-- The credits that some tasks of an account may cost in a period, in one mode.
create table budgets (
    account_id text not null,
    id text not null,
    mode integer not null check (mode in (0, 1)),
    name text not null,
    scope text not null check (scope in ('account', 'key', 'member', 'user', 'tag', 'model')),
    subject text not null,
    period text not null check (period in ('day', 'week', 'month', 'total')),
    credits integer not null check (credits > 0),
    raised_to integer,
    raised_until integer,
    created_at integer not null,
    primary key (account_id, id)
) strict, without rowid;

-- What a budget counts in the period that begins then (Unix milliseconds; 0 where it never ends), and which percent was told of.
create table budget_periods (
    account_id text not null,
    budget_id text not null,
    starts_at integer not null,
    held integer not null check (held >= 0),
    used integer not null check (used >= 0),
    warned integer not null,
    primary key (account_id, budget_id, starts_at)
) strict, without rowid;

-- How many budgets the account has in this mode: without any, a submit asks nothing of them. And by which a task is counted.
alter table balances add column budgets integer not null default 0;
alter table generations add column budgets text;
