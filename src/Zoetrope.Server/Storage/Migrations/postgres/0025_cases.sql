-- Where a vendor's list of jobs and our attempts differ. A case stays when it is closed: it says what was found out.
create table cases (
    id text collate "C" primary key,
    kind text not null check (kind in ('extra', 'missing', 'refused', 'unresolved', 'cost')),
    provider text not null,
    key_id text not null,
    subject text collate "C" not null,
    attempt_id text,
    generation_id text,
    account_id text,
    detail text not null,
    opened_at bigint not null,
    closed_at bigint,
    reason text,
    unique (provider, kind, subject)
);
create index cases_open on cases (id) where closed_at is null;

-- How far each key's list was compared, and who does it now.
create table reconciliations (
    provider text not null,
    key_id text not null,
    done_until bigint not null,
    looked_at bigint not null,
    leased_until bigint not null,
    error text,
    primary key (provider, key_id)
);
