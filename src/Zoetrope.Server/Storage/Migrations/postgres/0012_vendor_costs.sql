-- What an attempt cost at its vendor, in millionths of a US dollar, and who says so: the vendor's own answer, the catalogue (stated or
-- assumed), nobody, or that nothing was bought. Null in rows from before this was recorded. Only the operator reads it.
alter table attempts add column cost_micros bigint check (cost_micros >= 0);
alter table attempts add column cost_source text
    check (cost_source in ('vendor', 'stated', 'assumed', 'unknown', 'none'));
