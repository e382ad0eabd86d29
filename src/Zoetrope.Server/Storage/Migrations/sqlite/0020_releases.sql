-- The number of the newest migration that a build must know to work with this database. A build that knows less does not start; one
-- that knows as much starts, although the schema may be newer than it. A migration that takes something away raises it.
create table schema_floor (
    singleton integer primary key default 1 check (singleton = 1),
    number integer not null
) strict;
insert into schema_floor (number) values (17);

-- The operator's catalogue files as they were applied, the newest in use; all are kept.
create table catalogs (
    version integer primary key,
    json text not null,
    sha256 text not null,
    applied_at integer not null
) strict;
