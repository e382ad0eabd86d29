-- A question to a client's user that an open MCP call waits for: the answer comes in another request, at any node.
create table mcp_questions (
    id text collate "C" primary key,
    account_id text collate "C" not null,
    key_id text collate "C" not null,
    call_id text collate "C" not null,
    asked_at bigint not null,
    answer text check (answer in ('accept', 'decline', 'cancel'))
);

create index mcp_questions_age on mcp_questions (asked_at);
