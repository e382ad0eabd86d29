-- What tasks used, by the hour (since 1970 UTC) in which the ledger charged, released or refunded them. An empty text is none; an outcome
-- is empty for a success and otherwise the code of the failure. Everything here follows from the ledger: `usage rebuild`.
create table usage_hours (
    account_id text collate "C" not null,
    mode bigint not null,
    hour bigint not null,
    model text collate "C" not null,
    provider text collate "C" not null,
    key_id text collate "C" not null,
    person_id text collate "C" not null,
    end_user text collate "C" not null,
    outcome text collate "C" not null,
    tasks bigint not null,
    charged bigint not null,
    refunded bigint not null,
    media_ms bigint not null,
    bytes bigint not null,
    cost_micros bigint not null,
    primary key (account_id, mode, hour, model, provider, key_id, person_id, end_user, outcome)
);

-- The same by the day (since 1970 UTC), which months are read from.
create table usage_days (
    account_id text collate "C" not null,
    mode bigint not null,
    day bigint not null,
    model text collate "C" not null,
    provider text collate "C" not null,
    key_id text collate "C" not null,
    person_id text collate "C" not null,
    end_user text collate "C" not null,
    outcome text collate "C" not null,
    tasks bigint not null,
    charged bigint not null,
    refunded bigint not null,
    media_ms bigint not null,
    bytes bigint not null,
    cost_micros bigint not null,
    primary key (account_id, mode, day, model, provider, key_id, person_id, end_user, outcome)
);

-- The same for each tag of a task: a task with three tags is in three rows, so that rows do not multiply.
create table usage_tag_hours (
    account_id text collate "C" not null,
    mode bigint not null,
    name text collate "C" not null,
    hour bigint not null,
    value text collate "C" not null,
    model text collate "C" not null,
    outcome text collate "C" not null,
    tasks bigint not null,
    charged bigint not null,
    refunded bigint not null,
    media_ms bigint not null,
    bytes bigint not null,
    cost_micros bigint not null,
    primary key (account_id, mode, name, hour, value, model, outcome)
);

-- How far an account's event log is counted; changes in the transaction of the rows that it changes.
create table usage_checkpoints (
    account_id text collate "C" primary key,
    seq bigint not null
);

-- The credits that some tasks of an account may cost in a period, in one mode.
create table budgets (
    account_id text collate "C" not null,
    id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    name text not null,
    scope text not null check (scope in ('account', 'key', 'member', 'user', 'tag', 'model')),
    subject text collate "C" not null,
    period text not null check (period in ('day', 'week', 'month', 'total')),
    credits bigint not null check (credits > 0),
    raised_to bigint,
    raised_until bigint,
    created_at bigint not null,
    primary key (account_id, id)
);

-- What a budget counts in the period that begins then (Unix milliseconds; 0 where it never ends), and which percent was told of.
create table budget_periods (
    account_id text collate "C" not null,
    budget_id text collate "C" not null,
    starts_at bigint not null,
    held bigint not null check (held >= 0),
    used bigint not null check (used >= 0),
    warned bigint not null,
    primary key (account_id, budget_id, starts_at)
);

-- How many budgets the account has in this mode: without any, a submit asks nothing of them. And by which a task is counted.
alter table balances add column budgets bigint not null default 0;
alter table generations add column budgets text;
