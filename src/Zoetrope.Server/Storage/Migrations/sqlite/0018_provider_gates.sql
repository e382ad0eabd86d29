-- What all nodes know of a provider that fails: failures in a row, how long it is left alone, who may try meanwhile, and which of
-- its keys rest, as JSON by fingerprint. A provider that never failed has no row.
create table provider_gates (
    provider text primary key,
    version integer not null,
    failures integer not null,
    opened integer not null,
    open_until integer not null,
    probe_until integer not null,
    reason text not null,
    keys text not null
) strict;
