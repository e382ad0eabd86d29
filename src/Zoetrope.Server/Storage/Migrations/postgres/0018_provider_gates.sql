-- What all nodes know of a provider that fails: failures in a row, how long it is left alone, who may try meanwhile, and which of
-- its keys rest, as JSON by fingerprint. A provider that never failed has no row.
create table provider_gates (
    provider text collate "C" primary key,
    version bigint not null,
    failures bigint not null,
    opened bigint not null,
    open_until bigint not null,
    probe_until bigint not null,
    reason text not null,
    keys text not null
);
