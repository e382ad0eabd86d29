-- A key may now also be a session (a signed-in browser) or a seat (a membership itself: it counts what the person's sessions spend and
-- gives access to programs, and nobody has its secret).
alter table api_keys drop constraint api_keys_kind_check;
alter table api_keys add constraint api_keys_kind_check check (kind in ('key', 'grant', 'session', 'seat'));

create table people (
    id text collate "C" primary key,
    name text not null,
    email text collate "C" unique,
    password_hash text,
    totp_sealed bytea,
    totp_pending bytea,
    totp_step bigint,
    is_operator bigint not null default 0 check (is_operator in (0, 1)),
    created_at bigint not null,
    ended_at bigint
);

create table memberships (
    account_id text collate "C" not null references accounts (id),
    person_id text collate "C" not null references people (id),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer', 'billing')),
    spend_per_day bigint check (spend_per_day > 0),
    created_at bigint not null,
    primary key (account_id, person_id)
);

create index memberships_person on memberships (person_id);

-- One seat of a mode for each membership that stands.
create unique index api_keys_seat on api_keys (account_id, person_id, mode) where kind = 'seat' and revoked_at is null;

-- What a session has beside its row of api_keys.
create table sessions (
    id text collate "C" primary key references api_keys (id),
    proved_at bigint not null,
    used_at bigint not null,
    agent text
);

create table recovery_codes (
    person_id text collate "C" not null references people (id),
    hash bytea not null,
    used_at bigint,
    primary key (person_id, hash)
);

create table passkeys (
    id text collate "C" primary key,
    person_id text collate "C" not null references people (id),
    credential_id bytea not null unique,
    name text,
    public_key bytea not null,
    sign_count bigint not null,
    transports text,
    is_user_verified bigint not null check (is_user_verified in (0, 1)),
    is_backup_eligible bigint not null check (is_backup_eligible in (0, 1)),
    is_backed_up bigint not null check (is_backed_up in (0, 1)),
    attestation bytea not null,
    client_data bytea not null,
    created_at bigint not null,
    used_at bigint
);

create index passkeys_person on passkeys (person_id);

-- Links are kept as hashes; a link works once.
create table invitations (
    id text collate "C" primary key,
    account_id text collate "C" not null references accounts (id),
    hash bytea not null unique,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer', 'billing')),
    spend_per_day bigint check (spend_per_day > 0),
    made_by text collate "C",
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    used_by text collate "C"
);

create index invitations_account on invitations (account_id);

create table welcome_links (
    hash bytea primary key,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);

-- Attempts to sign in, by the hash of a name or an address, whether it exists or not: all nodes count together.
create table sign_in_attempts (
    subject bytea not null,
    period bigint not null,
    attempts bigint not null,
    primary key (subject, period)
);

create index sign_in_attempts_period on sign_in_attempts (period);
