-- Codes that become credits. A code is kept as its hash, so nobody who reads the database can use one. They are kept for good, like
-- the ledger: a voucher that was redeemed names its grant.
create table voucher_batches (
    id text primary key,
    mode integer not null check (mode in (0, 1)),
    credits integer not null check (credits > 0),
    note text,
    created_at integer not null,
    expires_at integer
) strict, without rowid;

create table vouchers (
    id text primary key,
    batch_id text not null references voucher_batches (id),
    hash blob not null unique,
    preview text not null,
    revoked_at integer,
    redeemed_at integer,
    redeemed_by text references accounts (id),
    transfer_id text,
    check ((redeemed_at is null) = (redeemed_by is null)),
    check (redeemed_at is null or revoked_at is null)
) strict, without rowid;

create index vouchers_batch on vouchers (batch_id, id);
create index vouchers_transfer on vouchers (redeemed_by, transfer_id) where redeemed_by is not null;
