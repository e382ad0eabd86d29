-- Codes that become credits. A code is kept as its hash, so nobody who reads the database can use one. They are kept for good, like
-- the ledger: a voucher that was redeemed names its grant.
create table voucher_batches (
    id text collate "C" primary key,
    mode bigint not null check (mode in (0, 1)),
    credits bigint not null check (credits > 0),
    note text,
    created_at bigint not null,
    expires_at bigint
);

create table vouchers (
    id text collate "C" primary key,
    batch_id text collate "C" not null references voucher_batches (id),
    hash bytea not null unique,
    preview text not null,
    revoked_at bigint,
    redeemed_at bigint,
    redeemed_by text collate "C" references accounts (id),
    transfer_id text collate "C",
    check ((redeemed_at is null) = (redeemed_by is null)),
    check (redeemed_at is null or revoked_at is null)
);

create index vouchers_batch on vouchers (batch_id, id);
create index vouchers_transfer on vouchers (redeemed_by, transfer_id) where redeemed_by is not null;
