-- A grant is a key without a secret, made on a consent page: `parent_id` is the key that was shown there.
alter table api_keys add column kind text not null default 'key' check (kind in ('key', 'grant'));
alter table api_keys add column parent_id text references api_keys (id);
alter table api_keys add column client_id text;
alter table api_keys add column spend_per_day integer check (spend_per_day > 0);
alter table api_keys add column ask_above integer check (ask_above >= 0);

-- Whose count the spend of a rotated key goes on with; null is its own.
alter table api_keys add column spends_with text;

create index api_keys_parent on api_keys (parent_id) where parent_id is not null;

-- Credits that a key's tasks of one UTC day hold or were charged.
alter table key_usage add column spent_day integer not null default 0;
alter table key_usage add column spent integer not null default 0 check (spent >= 0);

-- Programs that asked for access under OAuth, as they registered themselves.
create table oauth_clients (
    id text primary key,
    name text not null,
    application_type text not null,
    redirect_uris text not null,
    created_at integer not null,
    used_at integer
) strict, without rowid;

create index oauth_clients_unused on oauth_clients (created_at) where used_at is null;

-- What was issued, so that a code or a refresh token works once.
create table oauth_tokens (
    id text primary key,
    version integer not null,
    type text not null,
    status text,
    client_id text,
    grant_id text,
    subject text,
    reference_id text,
    payload text,
    properties text,
    created_at integer,
    expires_at integer,
    redeemed_at integer
) strict, without rowid;

create index oauth_tokens_grant on oauth_tokens (grant_id) where grant_id is not null;
create index oauth_tokens_expiry on oauth_tokens (expires_at);
create unique index oauth_tokens_reference on oauth_tokens (reference_id) where reference_id is not null;
