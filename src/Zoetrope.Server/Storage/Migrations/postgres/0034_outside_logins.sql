-- Who signs in with an issuer of the operator's (OpenID Connect): the issuer and its subject are the identity, the address is only shown.
create table outside_logins (
    id text collate "C" primary key,
    person_id text collate "C" not null references people (id),
    issuer text collate "C" not null,
    subject text collate "C" not null,
    email text,
    created_at bigint not null,
    used_at bigint not null,
    unique (issuer, subject)
);

create index outside_logins_person on outside_logins (person_id);

-- Sign-ins that came back from the issuer: each comes back once, on any node.
create table outside_arrivals (
    hash bytea primary key,
    expires_at bigint not null
);

-- 1: the issuer's claim gave this place, so it may change it and take it away.
alter table memberships add column by_claim bigint not null default 0 check (by_claim in (0, 1));
