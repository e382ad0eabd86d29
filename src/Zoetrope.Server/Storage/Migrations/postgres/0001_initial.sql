-- The same tables as on SQLite. Ids are collated "C" so that they sort by creation as there.
-- Time is bigint milliseconds since 1970 UTC, money is bigint credits, ids sort by creation.
-- Tables that are listed by account are clustered by (account_id, id): a submit then keeps no secondary index for listing.

create table accounts (
    id text collate "C" primary key,
    name text not null,
    plan text not null,
    created_at bigint not null
);

create table api_keys (
    id text collate "C" primary key,
    account_id text collate "C" not null references accounts (id),
    mode bigint not null check (mode in (0, 1)),
    name text not null,
    hash bytea not null unique,
    prefix text not null,
    scopes bigint not null,
    requests_per_minute bigint,
    in_flight_limit bigint,
    created_at bigint not null,
    expires_at bigint,
    revoked_at bigint
);

create index api_keys_account on api_keys (account_id);

-- Counters that limits need; changed only inside the submitting and the finishing transaction.
create table account_usage (
    account_id text collate "C" not null,
    day bigint not null,
    requests bigint not null,
    primary key (account_id, day)
);

create table key_usage (
    key_id text collate "C" primary key,
    in_flight bigint not null check (in_flight >= 0),
    next_allowed_us bigint not null
);

create table generations (
    account_id text collate "C" not null,
    id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    key_id text collate "C" not null,
    status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
    step text check (step in ('submit', 'poll', 'ingest')),
    version bigint not null,
    model text not null,
    media text not null check (media in ('image', 'video')),
    prompt text not null,
    parameters text not null,
    inputs text,
    output text not null,
    route bigint not null,
    provider text not null,
    attempts bigint not null,
    attempt_id text,
    provider_task_id text,
    retries bigint not null,
    quoted bigint not null check (quoted > 0),
    charged bigint check (charged between 0 and quoted),
    progress bigint check (progress between 0 and 100),
    queue_position bigint,
    cancel_requested bigint not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    deadline_at bigint,
    next_run_at bigint,
    error_code text,
    error_message text,
    provider_error text,
    result text,
    primary key (account_id, id),
    check ((status = 'running') = (step is not null)),
    check ((status in ('succeeded', 'failed', 'canceled')) = (finished_at is not null)),
    check ((status = 'failed') = (error_code is not null)),
    check ((status = 'succeeded') = (result is not null)),
    check ((status in ('queued', 'running')) = (next_run_at is not null))
);

-- Open work only. Queued: one seek finds the next account's oldest task. Running: what is due, and how many a provider has.
create index generations_queued on generations (provider, mode, account_id, id) where status = 'queued';
create index generations_due on generations (provider, next_run_at) where status = 'running';

create table attempts (
    id text collate "C" primary key,
    account_id text collate "C" not null,
    generation_id text collate "C" not null,
    number bigint not null,
    provider text not null,
    provider_model text not null,
    state text not null check (state in ('intended', 'accepted', 'refused', 'unknown', 'unresolved', 'ended')),
    fence bigint not null,
    request_hash text not null,
    owner text not null,
    provider_task_id text,
    error text,
    created_at bigint not null,
    updated_at bigint not null,
    unique (account_id, generation_id, number)
);

create table idempotency_keys (
    account_id text collate "C" not null,
    mode bigint not null,
    key text not null,
    fingerprint bytea not null,
    generation_id text collate "C" not null,
    response text not null,
    created_at bigint not null,
    primary key (account_id, mode, key)
);

create index idempotency_keys_age on idempotency_keys (created_at);

create table balances (
    account_id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    available bigint not null check (available >= 0),
    held bigint not null check (held >= 0),
    primary key (account_id, mode)
);

-- One row is one whole transfer between two buckets, so it cannot fail to sum to zero.
create table ledger_transfers (
    account_id text collate "C" not null,
    id text collate "C" not null,
    mode bigint not null check (mode in (0, 1)),
    kind text not null check (kind in ('grant', 'hold', 'settle', 'release', 'refund', 'adjust', 'suspend', 'unsuspend')),
    debit text not null check (debit in ('issued', 'available', 'held', 'revenue', 'provider', 'suspense')),
    credit text not null check (credit in ('issued', 'available', 'held', 'revenue', 'provider', 'suspense')),
    amount bigint not null check (amount > 0),
    generation_id text collate "C",
    resolves text,
    reason text,
    reference text,
    created_at bigint not null,
    primary key (account_id, id),
    check (debit <> credit)
);

-- A hold is resolved once: the settle, or the full release, carries its generation here.
create unique index ledger_resolution on ledger_transfers (resolves) where resolves is not null;

-- A retried grant, adjustment or refund carries the caller's reference again and finds the first one.
create unique index ledger_reference on ledger_transfers (account_id, reference) where reference is not null;

-- What may still be refunded, or is still in suspense, without reading the account's whole ledger.
create index ledger_corrections on ledger_transfers (generation_id, kind) where kind in ('refund', 'suspend', 'unsuspend');

create function refuse_ledger_change() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is append-only';
end $$;

create trigger ledger_transfers_append_only before update or delete on ledger_transfers
    for each row execute function refuse_ledger_change();

create view ledger_entries as
    select account_id, id as transfer_id, mode, kind, debit as bucket, -amount as amount, generation_id, created_at from ledger_transfers
    union all
    select account_id, id, mode, kind, credit, amount, generation_id, created_at from ledger_transfers;

create table events (
    seq bigint generated always as identity primary key,
    account_id text collate "C" not null,
    generation_id text collate "C" not null,
    type text not null,
    created_at bigint not null
);

create table artifacts (
    id text collate "C" primary key,
    account_id text collate "C" not null,
    mode bigint not null,
    role text not null check (role in ('output', 'poster', 'input', 'upload')),
    content_type text not null,
    bytes bigint not null,
    sha256 text not null,
    width bigint,
    height bigint,
    duration_ms bigint,
    fps double precision,
    codec text,
    audio_codec text,
    created_at bigint not null,
    expires_at bigint,
    deleted_at bigint
);

create index artifacts_sha256 on artifacts (sha256);
create index artifacts_expiry on artifacts (expires_at) where expires_at is not null and deleted_at is null;

create table uploads (
    key text primary key,
    account_id text collate "C" not null,
    mode bigint not null,
    content_type text not null,
    max_bytes bigint not null,
    artifact_id text,
    created_at bigint not null,
    expires_at bigint not null
);
