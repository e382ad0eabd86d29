-- Jobs of the built-in sandbox, as a vendor would keep them: any node answers for them, and any worker draws them.
create table sandbox_jobs (
    attempt_id text collate "C" primary key,
    state text collate "C" not null check (state in ('scripted', 'waiting', 'rendering', 'done', 'failed', 'refused', 'canceled')),
    -- What to draw; null where nothing is.
    job text,
    magic bigint not null,
    accepted_at bigint not null,
    -- Not reported as done before.
    ready_at bigint not null,
    -- The node that must draw it, where nodes do not share their files; empty: any.
    node text collate "C" not null,
    -- Who draws it, and until when it may be silent; no lease where there is one node.
    owner text collate "C",
    leased_until bigint,
    progress bigint not null default 0,
    error text,
    -- The result, where nodes share their files.
    sha256 text collate "C",
    ext text collate "C",
    read_at bigint
);

create index sandbox_jobs_open on sandbox_jobs (accepted_at) where state in ('waiting', 'rendering');
create index sandbox_jobs_read on sandbox_jobs (read_at) where read_at is not null;
create index sandbox_jobs_sha256 on sandbox_jobs (sha256) where sha256 is not null;

-- How often a prompt with a marker was submitted, for those that behave differently the second time.
create table sandbox_counts (
    what text collate "C" primary key,
    n bigint not null,
    counted_at bigint not null
);

create index sandbox_counts_counted on sandbox_counts (counted_at);
