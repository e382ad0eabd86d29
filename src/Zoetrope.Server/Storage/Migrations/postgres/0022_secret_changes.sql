-- A secret that is being changed: its successor is accepted everywhere before any node signs with it, and it is accepted itself until
-- what it signed has died.
alter table secrets add column next_sealed bytea;
alter table secrets add column next_print text;
alter table secrets add column next_at bigint;
alter table secrets add column previous_sealed bytea;
alter table secrets add column previous_until bigint;
