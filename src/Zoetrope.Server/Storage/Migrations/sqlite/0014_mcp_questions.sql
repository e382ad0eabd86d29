-- A question to a client's user that an open MCP call waits for: the answer comes in another request, at any node.
create table mcp_questions (
    id text primary key,
    account_id text not null,
    key_id text not null,
    call_id text not null,
    asked_at integer not null,
    answer text check (answer in ('accept', 'decline', 'cancel'))
) strict, without rowid;

create index mcp_questions_age on mcp_questions (asked_at);
