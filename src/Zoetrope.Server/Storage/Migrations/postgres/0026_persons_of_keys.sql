-- Whose key it is, if a person's: a key of the account as a whole has none.
alter table api_keys add column person_id text collate "C";

create index api_keys_person on api_keys (person_id) where person_id is not null;
