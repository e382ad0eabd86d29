-- Jobs of the built-in sandbox, as a vendor would keep them: any node answers for them, and any worker draws them.
create table sandbox_jobs (
    attempt_id text primary key,
    state text not null check (state in ('scripted', 'waiting', 'rendering', 'done', 'failed', 'refused', 'canceled')),
    -- What to draw; null where nothing is.
    job text,
    magic integer not null,
    accepted_at integer not null,
    -- Not reported as done before.
    ready_at integer not null,
    -- The node that must draw it, where nodes do not share their files; empty: any.
    node text not null,
    -- Who draws it, and until when it may be silent; no lease where there is one node.
    owner text,
    leased_until integer,
    progress integer not null default 0,
    error text,
    -- The result, where nodes share their files.
    sha256 text,
    ext text,
    read_at integer
) strict, without rowid;

create index sandbox_jobs_open on sandbox_jobs (accepted_at) where state in ('waiting', 'rendering');
create index sandbox_jobs_read on sandbox_jobs (read_at) where read_at is not null;
create index sandbox_jobs_sha256 on sandbox_jobs (sha256) where sha256 is not null;

-- How often a prompt with a marker was submitted, for those that behave differently the second time.
create table sandbox_counts (
    what text primary key,
    n integer not null,
    counted_at integer not null
) strict, without rowid;

create index sandbox_counts_counted on sandbox_counts (counted_at);
