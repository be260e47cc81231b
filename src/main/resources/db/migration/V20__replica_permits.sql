-- Permits that are out, one row for each process: what an owner holds of all of them counts against its limits. Written anew every few
-- seconds, and worth nothing after a crash: so it is not logged.
create unlogged table replica_permits (
    replica uuid primary key,
    seen_at timestamptz not null default clock_timestamp(),
    -- As {class: {owner: permits}}.
    held jsonb not null
) with (fillfactor = 50);

alter table replica_permits enable row level security;
alter table replica_permits force row level security;
create policy background_writes on replica_permits to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on replica_permits to sluice_server;

-- Tells what is held at one process, and returns what is held at those others that have told within the lease: an update by the
-- primary key, and a look at as many rows as there are processes.
create function exchange_permits(p_replica uuid, p_lease_seconds bigint, p_held jsonb)
    returns table (class text, owner text, permits bigint)
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    insert into replica_permits as r (replica, held) values (p_replica, p_held)
        on conflict (replica) do update set held = excluded.held, seen_at = clock_timestamp();
    -- Of processes that could not withdraw theirs.
    delete from replica_permits where replica in (
        select d.replica from replica_permits d where d.seen_at < clock_timestamp() - interval '1 hour' for update skip locked);
    return query
        select c.key, o.key, sum(o.value::bigint)::bigint
        from replica_permits r, jsonb_each(r.held) c, jsonb_each_text(c.value) o
        where r.replica <> p_replica and r.seen_at > clock_timestamp() - make_interval(secs => p_lease_seconds)
        group by c.key, o.key;
end
$$;

-- Nothing is held at this process any more.
create function withdraw_permits(p_replica uuid) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    delete from replica_permits where replica = p_replica;
end
$$;
