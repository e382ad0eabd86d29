-- What a member may spend in a month of UTC, and which models they may use: ids with spaces between, null for all. Their seats, which
-- are asked at each request, have the same.
alter table memberships add column spend_per_month integer check (spend_per_month > 0);
alter table memberships add column models text;
