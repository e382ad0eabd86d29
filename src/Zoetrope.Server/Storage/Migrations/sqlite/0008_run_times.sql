-- How long successful runs took, counted in classes of duration, for estimates of progress. Neither money nor a promise
-- hangs on it: a count that a crash loses is not missed. The variant is what a run's length depends on besides its model.
create table run_times (
    model text not null,
    variant text not null,
    class integer not null,
    runs integer not null check (runs >= 0),
    primary key (model, variant, class)
) strict, without rowid;
