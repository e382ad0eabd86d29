-- Where tasks are found by parts of their prompts, in lower case, filled behind the tasks. It follows from them, so it is not moved to
-- another database but made anew there.
create table prompt_texts (
    account_id text collate "C" not null,
    id text collate "C" not null,
    text text not null,
    primary key (account_id, id)
);

-- Up to which task an account is indexed.
create table prompt_checkpoints (
    account_id text collate "C" primary key,
    id text collate "C" not null
);

-- Three letters at a time. Where the extension is missing or may not be created, a search reads all texts of its account.
do $$
begin
    create extension if not exists pg_trgm;
    create index prompt_texts_words on prompt_texts using gin (text gin_trgm_ops);
exception when others then
    raise notice 'pg_trgm is not there: searches read all texts of their account';
end $$;
