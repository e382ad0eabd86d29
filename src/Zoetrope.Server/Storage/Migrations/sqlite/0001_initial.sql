-- Time is bigint milliseconds since 1970 UTC, money is bigint credits, ids sort by creation.
-- Tables that are listed by account are clustered by (account_id, id): a submit then keeps no secondary index for listing.

create table accounts (
    id text primary key,
    name text not null,
    plan text not null,
    created_at integer not null
) strict;

create table api_keys (
    id text primary key,
    account_id text not null references accounts (id),
    mode integer not null check (mode in (0, 1)),
    name text not null,
    hash blob not null unique,
    prefix text not null,
    scopes integer not null,
    requests_per_minute integer,
    in_flight_limit integer,
    created_at integer not null,
    expires_at integer,
    revoked_at integer
) strict;

create index api_keys_account on api_keys (account_id);

-- Counters that limits need; changed only inside the submitting and the finishing transaction.
create table account_usage (
    account_id text not null,
    day integer not null,
    requests integer not null,
    primary key (account_id, day)
) strict, without rowid;

create table key_usage (
    key_id text primary key,
    in_flight integer not null check (in_flight >= 0),
    next_allowed_us integer not null
) strict, without rowid;

create table generations (
    account_id text not null,
    id text not null,
    mode integer not null check (mode in (0, 1)),
    key_id text not null,
    status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'canceled')),
    step text check (step in ('submit', 'poll', 'ingest')),
    version integer not null,
    model text not null,
    media text not null check (media in ('image', 'video')),
    prompt text not null,
    parameters text not null,
    inputs text,
    output text not null,
    route integer not null,
    provider text not null,
    attempts integer not null,
    attempt_id text,
    provider_task_id text,
    retries integer not null,
    quoted integer not null check (quoted > 0),
    charged integer check (charged between 0 and quoted),
    progress integer check (progress between 0 and 100),
    queue_position integer,
    cancel_requested integer not null,
    created_at integer not null,
    started_at integer,
    finished_at integer,
    deadline_at integer,
    next_run_at integer,
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
) strict, without rowid;

-- Open work only. Queued: one seek finds the next account's oldest task. Running: what is due, and how many a provider has.
create index generations_queued on generations (provider, mode, account_id, id) where status = 'queued';
create index generations_due on generations (provider, next_run_at) where status = 'running';

create table attempts (
    id text primary key,
    account_id text not null,
    generation_id text not null,
    number integer not null,
    provider text not null,
    provider_model text not null,
    state text not null check (state in ('intended', 'accepted', 'refused', 'unknown', 'unresolved', 'ended')),
    fence integer not null,
    request_hash text not null,
    owner text not null,
    provider_task_id text,
    error text,
    created_at integer not null,
    updated_at integer not null,
    unique (account_id, generation_id, number)
) strict, without rowid;

create table idempotency_keys (
    account_id text not null,
    mode integer not null,
    key text not null,
    fingerprint blob not null,
    generation_id text not null,
    response text not null,
    created_at integer not null,
    primary key (account_id, mode, key)
) strict, without rowid;

create index idempotency_keys_age on idempotency_keys (created_at);

create table balances (
    account_id text not null,
    mode integer not null check (mode in (0, 1)),
    available integer not null check (available >= 0),
    held integer not null check (held >= 0),
    primary key (account_id, mode)
) strict, without rowid;

-- One row is one whole transfer between two buckets, so it cannot fail to sum to zero.
create table ledger_transfers (
    account_id text not null,
    id text not null,
    mode integer not null check (mode in (0, 1)),
    kind text not null check (kind in ('grant', 'hold', 'settle', 'release', 'refund', 'adjust', 'suspend', 'unsuspend')),
    debit text not null check (debit in ('issued', 'available', 'held', 'revenue', 'provider', 'suspense')),
    credit text not null check (credit in ('issued', 'available', 'held', 'revenue', 'provider', 'suspense')),
    amount integer not null check (amount > 0),
    generation_id text,
    resolves text,
    reason text,
    reference text,
    created_at integer not null,
    primary key (account_id, id),
    check (debit <> credit)
) strict, without rowid;

-- A hold is resolved once: the settle, or the full release, carries its generation here.
create unique index ledger_resolution on ledger_transfers (resolves) where resolves is not null;

-- A retried grant, adjustment or refund carries the caller's reference again and finds the first one.
create unique index ledger_reference on ledger_transfers (account_id, reference) where reference is not null;

-- What may still be refunded, or is still in suspense, without reading the account's whole ledger.
create index ledger_corrections on ledger_transfers (generation_id, kind) where kind in ('refund', 'suspend', 'unsuspend');

create trigger ledger_transfers_no_update before update on ledger_transfers
begin select raise(abort, 'the ledger is append-only'); end;

create trigger ledger_transfers_no_delete before delete on ledger_transfers
begin select raise(abort, 'the ledger is append-only'); end;

create view ledger_entries as
    select account_id, id as transfer_id, mode, kind, debit as bucket, -amount as amount, generation_id, created_at from ledger_transfers
    union all
    select account_id, id, mode, kind, credit, amount, generation_id, created_at from ledger_transfers;

create table events (
    seq integer primary key autoincrement,
    account_id text not null,
    generation_id text not null,
    type text not null,
    created_at integer not null
) strict;

create table artifacts (
    id text primary key,
    account_id text not null,
    mode integer not null,
    role text not null check (role in ('output', 'poster', 'input', 'upload')),
    content_type text not null,
    bytes integer not null,
    sha256 text not null,
    width integer,
    height integer,
    duration_ms integer,
    fps real,
    codec text,
    audio_codec text,
    created_at integer not null,
    expires_at integer,
    deleted_at integer
) strict, without rowid;

create index artifacts_sha256 on artifacts (sha256);
create index artifacts_expiry on artifacts (expires_at) where expires_at is not null and deleted_at is null;

create table uploads (
    key text primary key,
    account_id text not null,
    mode integer not null,
    content_type text not null,
    max_bytes integer not null,
    artifact_id text,
    created_at integer not null,
    expires_at integer not null
) strict, without rowid;
