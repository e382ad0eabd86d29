-- What the owner of a result does with it: a star, a collection, and its end before its time.
alter table generations add column starred integer not null default 0 check (starred in (0, 1));
alter table generations add column collection text;
alter table generations add column result_deleted_at integer;

-- Few tasks are in them, so the submit does not pay for them.
create index generations_starred on generations (account_id, id) where starred = 1;
create index generations_collection on generations (account_id, collection, id) where collection is not null;
