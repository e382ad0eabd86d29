-- Where tasks are found by parts of their prompts: an index of three letters at a time, filled behind the tasks. It follows from them,
-- so it is not moved to another database but made anew there.
create table prompt_texts (
    number integer primary key,
    account_id text not null,
    id text not null,
    unique (account_id, id)
) strict;

create virtual table prompt_index using fts5 (text, content = '', contentless_delete = 1, tokenize = 'trigram');

-- Up to which task an account is indexed.
create table prompt_checkpoints (
    account_id text primary key,
    id text not null
) strict, without rowid;
