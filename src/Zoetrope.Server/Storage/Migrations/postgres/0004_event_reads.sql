-- Streams read the log by account, and one task's part of it.
create index events_account on events (account_id, seq);
create index events_generation on events (generation_id, seq);

-- A reader goes on behind the last number it saw, so an account's numbers must become visible in their order. An identity
-- is drawn before its transaction commits, and a later one may commit first. Here the number is drawn again under a lock
-- of the account that is held until the commit is visible. It is the last lock a transaction takes.
create function number_event() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(new.account_id, 7305));
    new.seq := nextval(pg_get_serial_sequence('events', 'seq'));
    return new;
end $$;

create trigger events_in_order before insert on events for each row execute function number_event();
