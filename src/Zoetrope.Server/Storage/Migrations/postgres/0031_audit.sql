-- Who changed what, when and by which way. The rows of an account are a chain: each has the hash of the one before in its own, so
-- that none can be changed or taken out unnoticed. They are kept for good. The empty account is the server.
create table audit_log (
    account_id text collate "C" not null,
    number bigint not null check (number > 0),
    id text collate "C" not null unique,
    at bigint not null,
    actor text not null,
    actor_id text,
    person_id text,
    door text not null,
    action text collate "C" not null,
    target text not null,
    before_change text,
    after_change text,
    address text,
    request_id text,
    hash text not null,
    primary key (account_id, number)
);

create index audit_log_account on audit_log (account_id, id);

-- The end of each chain; its row is locked by who appends.
create table audit_chains (
    account_id text collate "C" primary key,
    number bigint not null,
    hash text not null
);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only';
end $$;

create trigger audit_log_append_only before update or delete on audit_log
    for each row execute function refuse_audit_change();
