-- Whether the vendor's job is this attempt's own: of the attempts of a provider that name the same job, one. Null where nobody
-- knows, as in what is older than this, where another attempt has it, and where the vendor has no ids of its own.
alter table attempts add column owns_job integer check (owns_job = 1);
create unique index attempts_job on attempts (provider, provider_task_id) where owns_job = 1;
