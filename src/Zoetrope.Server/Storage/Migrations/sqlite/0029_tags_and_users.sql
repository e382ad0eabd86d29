-- What a task is counted for: the client's tags as a JSON object and its user, and the person whose key it was. They stay as they were
-- when it was made: usage and budgets count by them.
alter table generations add column tags text;
alter table generations add column end_user text;
alter table generations add column person_id text;

-- Only what there is to find: tasks without them pay nothing.
create index generations_user on generations (account_id, end_user, id) where end_user is not null;
create index generations_person on generations (account_id, person_id, id) where person_id is not null;

-- Where tasks are looked up by their tags.
create table generation_tags (
    account_id text not null,
    id text not null,
    name text not null,
    value text not null,
    primary key (account_id, id, name)
) strict, without rowid;

create index generation_tags_value on generation_tags (account_id, name, value, id);
