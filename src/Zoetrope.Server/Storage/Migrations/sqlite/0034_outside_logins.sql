-- Who signs in with an issuer of the operator's (OpenID Connect): the issuer and its subject are the identity, the address is only shown.
create table outside_logins (
    id text primary key,
    person_id text not null references people (id),
    issuer text not null,
    subject text not null,
    email text,
    created_at integer not null,
    used_at integer not null,
    unique (issuer, subject)
) strict, without rowid;

create index outside_logins_person on outside_logins (person_id);

-- Sign-ins that came back from the issuer: each comes back once, on any node.
create table outside_arrivals (
    hash blob primary key,
    expires_at integer not null
) strict, without rowid;

-- 1: the issuer's claim gave this place, so it may change it and take it away.
alter table memberships add column by_claim integer not null default 0 check (by_claim in (0, 1));
