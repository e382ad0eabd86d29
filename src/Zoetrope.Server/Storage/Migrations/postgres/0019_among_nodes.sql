-- Deliveries under way, of which an endpoint has a few in the whole cluster.
create index webhook_deliveries_sending on webhook_deliveries (endpoint_id) where leased_until is not null;

-- Whether the vendor's job is this attempt's own: of the attempts of a provider that name the same job, one. Null where nobody
-- knows, as in what is older than this, where another attempt has it, and where the vendor has no ids of its own.
alter table attempts add column owns_job bigint check (owns_job = 1);
create unique index attempts_job on attempts (provider, provider_task_id) where owns_job = 1;

-- Work that one node at a time does for all, and who does it until when.
create table duties (
    name text collate "C" primary key,
    holder text not null,
    held_until bigint not null
);
