-- Finished tasks of test keys, which are deleted after a time. A submit writes nothing here, and a live task is never in it.
create index generations_test_finished on generations (account_id, id) where mode = 0 and finished_at is not null;

-- Bytes of uploads and inputs that an account had stored on a day (since 1970-01-01 UTC). Only the current day decides anything.
create table stored_bytes (
    account_id text collate "C" not null,
    day bigint not null,
    bytes bigint not null check (bytes >= 0),
    primary key (account_id, day)
);
