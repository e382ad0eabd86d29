-- A key may now also be a session (a signed-in browser) or a seat (a membership itself: it counts what the person's sessions spend and
-- gives access to programs, and nobody has its secret). SQLite cannot change a check, so the column is made again: no row moves, no
-- reference to the table and no index is touched.
alter table api_keys add column sort text not null default 'key' check (sort in ('key', 'grant', 'session', 'seat'));
update api_keys set sort = kind;
alter table api_keys drop column kind;
alter table api_keys rename column sort to kind;

create table people (
    id text primary key,
    name text not null,
    email text unique,
    password_hash text,
    totp_sealed blob,
    totp_pending blob,
    totp_step integer,
    is_operator integer not null default 0 check (is_operator in (0, 1)),
    created_at integer not null,
    ended_at integer
) strict, without rowid;

create table memberships (
    account_id text not null references accounts (id),
    person_id text not null references people (id),
    role text not null check (role in ('owner', 'admin', 'member', 'viewer', 'billing')),
    spend_per_day integer check (spend_per_day > 0),
    created_at integer not null,
    primary key (account_id, person_id)
) strict, without rowid;

create index memberships_person on memberships (person_id);

-- One seat of a mode for each membership that stands.
create unique index api_keys_seat on api_keys (account_id, person_id, mode) where kind = 'seat' and revoked_at is null;

-- What a session has beside its row of api_keys.
create table sessions (
    id text primary key references api_keys (id),
    proved_at integer not null,
    used_at integer not null,
    agent text
) strict, without rowid;

create table recovery_codes (
    person_id text not null references people (id),
    hash blob not null,
    used_at integer,
    primary key (person_id, hash)
) strict, without rowid;

create table passkeys (
    id text primary key,
    person_id text not null references people (id),
    credential_id blob not null unique,
    name text,
    public_key blob not null,
    sign_count integer not null,
    transports text,
    is_user_verified integer not null check (is_user_verified in (0, 1)),
    is_backup_eligible integer not null check (is_backup_eligible in (0, 1)),
    is_backed_up integer not null check (is_backed_up in (0, 1)),
    attestation blob not null,
    client_data blob not null,
    created_at integer not null,
    used_at integer
) strict, without rowid;

create index passkeys_person on passkeys (person_id);

-- Links are kept as hashes; a link works once.
create table invitations (
    id text primary key,
    account_id text not null references accounts (id),
    hash blob not null unique,
    role text not null check (role in ('owner', 'admin', 'member', 'viewer', 'billing')),
    spend_per_day integer check (spend_per_day > 0),
    made_by text,
    created_at integer not null,
    expires_at integer not null,
    used_at integer,
    used_by text
) strict, without rowid;

create index invitations_account on invitations (account_id);

create table welcome_links (
    hash blob primary key,
    created_at integer not null,
    expires_at integer not null,
    used_at integer
) strict, without rowid;

-- Attempts to sign in, by the hash of a name or an address, whether it exists or not: all nodes count together.
create table sign_in_attempts (
    subject blob not null,
    period integer not null,
    attempts integer not null,
    primary key (subject, period)
) strict, without rowid;

create index sign_in_attempts_period on sign_in_attempts (period);
