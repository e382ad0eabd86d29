-- Which files exist, wherever they lie. A file is there before any artifact names it, so its row comes first; check_at says when
-- to look whether anyone names it. A row in 'deleting' belongs to whoever deletes it, until its check_at.
create table blobs (
    sha256 text not null,
    ext text not null,
    bytes integer not null,
    state text not null check (state in ('stored', 'deleting')),
    touched_at integer not null,
    check_at integer,
    primary key (sha256, ext)
) strict, without rowid;

create index blobs_check on blobs (check_at) where check_at is not null;

-- When a place of files was last compared with the rows.
create table store_walks (
    place text primary key,
    walked_at integer not null
) strict, without rowid;

-- Results that came inside the answer of a paid submit, until their task is done with them.
create table attempt_results (
    attempt_id text not null,
    ordinal integer not null,
    sha256 text not null,
    ext text not null,
    created_at integer not null,
    primary key (attempt_id, ordinal)
) strict, without rowid;

create index attempt_results_sha256 on attempt_results (sha256);
create index attempt_results_created on attempt_results (created_at);

-- Files of earlier versions. What no artifact names has no row here; the comparison with the disk finds it.
insert into blobs (sha256, ext, bytes, state, touched_at)
select sha256, ext, max(bytes), 'stored', max(created_at)
from (
    select sha256, bytes, created_at, case content_type
        when 'image/png' then 'png'
        when 'image/jpeg' then 'jpg'
        when 'image/webp' then 'webp'
        when 'image/gif' then 'gif'
        when 'image/avif' then 'avif'
        when 'image/heic' then 'heic'
        when 'image/heif' then 'heic'
        when 'video/mp4' then 'mp4'
        when 'video/quicktime' then 'mov'
        when 'video/webm' then 'webm'
        when 'video/x-matroska' then 'mkv'
        when 'audio/mpeg' then 'mp3'
        when 'audio/wav' then 'wav'
        when 'audio/aac' then 'aac'
        when 'audio/mp4' then 'm4a'
        when 'audio/ogg' then 'ogg'
        else 'bin' end as ext
    from artifacts where deleted_at is null
) as named
group by sha256, ext;
