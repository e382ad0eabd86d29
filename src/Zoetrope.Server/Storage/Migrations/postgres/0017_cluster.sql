-- The cluster that everything with this database is in. Its id keeps silos of other databases out.
create table cluster (
    singleton boolean primary key default true check (singleton),
    id uuid not null default gen_random_uuid()
);
insert into cluster default values;

-- Who serves now, as each node says of itself every few seconds; the write also proves that the database takes one.
create table nodes (
    name text collate "C" primary key,
    address text not null,
    roles text not null,
    build text not null,
    schema text not null,
    catalog text not null,
    settings text not null,
    leaving boolean not null,
    started_at bigint not null,
    beat_at bigint not null
);

-- One row per provider: whoever fills its places holds it, so that no cap is passed while two schedulers live.
create table provider_places (
    provider text collate "C" primary key
);

-- Who drives a running task. A node that is gone leaves its tasks to the others at once.
alter table generations add column owner text collate "C";
create index generations_owner on generations (owner) where status = 'running';

-- What Orleans keeps of its silos. It asks by the statements of orleansquery, whose name and columns it prescribes.
create table silo_table (
    deployment text primary key,
    version int not null default 0
);
create table silos (
    deployment text not null,
    address text not null,
    port int not null,
    generation int not null,
    name text not null,
    host text not null,
    status int not null,
    proxy_port int not null,
    suspects text,
    started_at timestamptz not null,
    alive_at timestamptz not null,
    primary key (deployment, address, port, generation)
);
create table orleansquery (
    querykey text primary key,
    querytext text not null
);

insert into orleansquery (querykey, querytext) values
('InsertMembershipVersionKey', $$
    with made as (
        insert into silo_table (deployment) values (@DeploymentId) on conflict do nothing returning 1
    ) select count(*)::int from made
$$),
('InsertMembershipKey', $$
    with moved as (
        update silo_table set version = version + 1 where deployment = @DeploymentId and version = @Version returning 1
    ), made as (
        insert into silos (deployment, address, port, generation, name, host, status, proxy_port, started_at, alive_at)
        select @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
        from moved on conflict do nothing returning 1
    ) select count(*)::int from made
$$),
('UpdateMembershipKey', $$
    with moved as (
        update silo_table set version = version + 1 where deployment = @DeploymentId and version = @Version returning 1
    ), changed as (
        update silos set status = @Status, suspects = @SuspectTimes, alive_at = @IAmAliveTime from moved
        where deployment = @DeploymentId and address = @Address and port = @Port and generation = @Generation returning 1
    ) select count(*)::int from changed
$$),
('UpdateIAmAlivetimeKey', $$
    update silos set alive_at = @IAmAliveTime
    where deployment = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),
('MembershipReadRowKey', $$
    select t.deployment as deploymentid, s.address, s.port, s.generation, s.name as siloname, s.host as hostname, s.status,
        s.proxy_port as proxyport, s.suspects as suspecttimes, s.started_at as starttime, s.alive_at as iamalivetime, t.version
    from silo_table t left join silos s on s.deployment = t.deployment
        and s.address = @Address and s.port = @Port and s.generation = @Generation
    where t.deployment = @DeploymentId
$$),
('MembershipReadAllKey', $$
    select t.deployment as deploymentid, s.address, s.port, s.generation, s.name as siloname, s.host as hostname, s.status,
        s.proxy_port as proxyport, s.suspects as suspecttimes, s.started_at as starttime, s.alive_at as iamalivetime, t.version
    from silo_table t left join silos s on s.deployment = t.deployment
    where t.deployment = @DeploymentId
$$),
('GatewaysQueryKey', $$
    select address, proxy_port as proxyport, generation from silos
    where deployment = @DeploymentId and status = @Status and proxy_port > 0
$$),
('DeleteMembershipTableEntriesKey', $$
    with gone as (delete from silos where deployment = @DeploymentId)
    delete from silo_table where deployment = @DeploymentId
$$),
('CleanupDefunctSiloEntriesKey', $$
    delete from silos where deployment = @DeploymentId and alive_at < @IAmAliveTime and status <> 3
$$);

-- What all nodes sign and seal with: sealed by a master key that is not here, or, without one, only its fingerprint.
create table secrets (
    name text collate "C" primary key,
    sealed bytea,
    print text not null,
    created_at bigint not null
);
