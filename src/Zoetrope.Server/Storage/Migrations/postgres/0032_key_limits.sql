-- What a key may spend in longer times than a day, which models it may use, and from where. Null is no limit.
alter table api_keys add column spend_per_week bigint;
alter table api_keys add column spend_per_month bigint;
alter table api_keys add column spend_in_all bigint;

-- Ids of models and networks (CIDR), each list separated by spaces.
alter table api_keys add column models text collate "C";
alter table api_keys add column addresses text collate "C";

-- A week is the number of its Monday's day, a month the number of months since the year 0.
alter table key_usage add column spent_week bigint not null default 0;
alter table key_usage add column week_spent bigint not null default 0 check (week_spent >= 0);
alter table key_usage add column spent_month bigint not null default 0;
alter table key_usage add column month_spent bigint not null default 0 check (month_spent >= 0);
alter table key_usage add column all_spent bigint not null default 0 check (all_spent >= 0);
