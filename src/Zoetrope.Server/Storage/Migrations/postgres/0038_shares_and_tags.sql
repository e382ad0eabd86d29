-- A link that shows a task's result to whoever has it, with or without its words, until then; null where it is not shared.
alter table generations add column share_id text collate "C";
alter table generations add column share_words bigint not null default 0 check (share_words in (0, 1));
alter table generations add column share_until bigint;

-- Few tasks are in it, so the submit does not pay for it.
create unique index generations_share on generations (share_id) where share_id is not null;

-- The tags that a task's owner has given it since, by which it is found; null where it has those of its request, by which it is counted
-- for good.
alter table generations add column own_tags text;
