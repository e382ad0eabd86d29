-- Streams read the log by account, and one task's part of it.
create index events_account on events (account_id, seq);
create index events_generation on events (generation_id, seq);
