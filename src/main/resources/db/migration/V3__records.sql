-- Processes that record, with a heartbeat: what a process began and cannot end any more is told from what it is still at.
-- A process writes its batches one after the other and numbers them, so that one whose answer was lost can be sent again.
create table replicas (
    id uuid primary key,
    seen_at timestamptz not null default clock_timestamp(),
    last_batch bigint not null default 0
);
grant select, insert, update, delete on replicas to sluice_server;

-- A heartbeat is due every 10 s.
create function replica_lives(p_replica uuid) returns boolean
    language sql stable security invoker
return exists (select from replicas where id = p_replica and seen_at > now() - interval '60 s');

create function heartbeat(p_replica uuid) returns void
    language plpgsql volatile security invoker
as $$
begin
    insert into replicas (id) values (p_replica) on conflict (id) do update set seen_at = clock_timestamp();
    delete from replicas where seen_at < now() - interval '7 days';
end
$$;

-- The process has told everything it had to tell.
create function farewell(p_replica uuid) returns void
    language sql volatile security invoker
as $$ delete from replicas where id = p_replica $$;

-- Who did what. One row each: written before the first byte, closed after the last. An open row whose process is gone has an
-- outcome that nobody knows.
create table audit (
    id uuid primary key default gen_random_uuid(),
    at timestamptz not null default clock_timestamp(),
    event_type text not null,
    actor text not null check (char_length(actor) between 1 and 255),
    action text not null,
    resource_type text not null,
    resource_id text not null,
    -- Null while it is under way, or was when its process ended.
    outcome text,
    details jsonb not null default '{}',
    request_id text,
    replica uuid,
    closed_at timestamptz
);
create index audit_by_actor on audit (actor, at desc, id);
create index audit_by_time on audit (at desc, id);
create index audit_by_resource on audit (resource_id, at desc);

alter table audit enable row level security;
alter table audit force row level security;
create policy owner_reads on audit for select to sluice_server using (actor = (select acting_owner()));
create policy owner_appends on audit for insert to sluice_server with check (actor = (select acting_owner()));
create policy admin_reads on audit for select to sluice_server using ((select acting()) = 'admin');
create policy ingest_appends on audit for insert to sluice_server with check ((select acting()) = 'ingest');
create policy background_writes on audit to sluice_server using ((select acting()) = 'background');
-- Nothing deletes: a record that can be taken back is none.
grant select, insert, update on audit to sluice_server;

-- Many intents in one transaction, before any of their bytes.
create function record_intents(p_replica uuid, p_intents jsonb) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    insert into audit (id, event_type, actor, action, resource_type, resource_id, details, request_id, replica)
    select i.id, i.event_type, i.actor, i.action, i.resource_type, i.resource_id, i.details, i.request_id, p_replica
    from jsonb_to_recordset(p_intents) as i (
        id uuid, event_type text, actor text, action text, resource_type text, resource_id text, details jsonb, request_id text);
end
$$;

-- May be sent again: what is closed stays as it is.
create function record_outcomes(p_outcomes jsonb) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    update audit set
        event_type = o.event_type,
        outcome = o.outcome,
        details = audit.details || o.details,
        closed_at = clock_timestamp()
    from jsonb_to_recordset(p_outcomes) as o (id uuid, event_type text, outcome text, details jsonb)
    where audit.id = o.id and audit.outcome is null;
end
$$;

-- One row for what a person would call one download, in however many requests it came: who took which version of what, from
-- where and with what, until it is whole or has rested for the window.
create table downloads (
    id uuid primary key default gen_random_uuid(),
    owner text not null check (char_length(owner) between 1 and 255),
    kind text not null,
    resource_type text not null,
    resource text not null,
    filename text not null,
    tag text not null,
    address text not null,
    user_agent text not null,
    -- Digest of the fields above that make it one download. The current row of each takes the next request.
    fingerprint text not null,
    current boolean not null default true,
    total_bytes bigint not null check (total_bytes >= 0),
    coverage int8multirange not null default '{}',
    -- Requests under way, as process/request.
    transfers text[] not null default '{}',
    -- Of the request that ended last; completed when every byte is covered, and then for good.
    outcome text,
    started_at timestamptz not null default clock_timestamp(),
    active_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz
);
create unique index downloads_current on downloads (fingerprint) where current;
create index downloads_by_owner on downloads (owner, started_at desc, id);
create index downloads_by_resource on downloads (resource_type, resource);

alter table downloads enable row level security;
alter table downloads force row level security;
create policy owner_reads on downloads for select to sluice_server using (owner = (select acting_owner()));
create policy admin_reads on downloads for select to sluice_server using ((select acting()) = 'admin');
create policy background_writes on downloads to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on downloads to sluice_server;

create function covered_bytes(p_coverage int8multirange) returns bigint
    language sql immutable parallel safe
return (select coalesce(sum(upper(r) - lower(r)), 0)::bigint from unnest(p_coverage) r);

-- How a download stands: open requests count as long as their process lives.
create function download_outcome(p_outcome text, p_transfers text[]) returns text
    language sql stable security invoker
return case
    when p_outcome = 'completed' then 'completed'
    when p_transfers = '{}' then coalesce(p_outcome, 'unknown')
    when exists (select from unnest(p_transfers) t where replica_lives(split_part(t, '/', 1)::uuid)) then 'active'
    else 'unknown'
end;

-- Beginnings and ends of requests, in their order. Each fingerprint's rows are locked by whoever comes first, in one order
-- everywhere; a batch that comes again is known by its number.
create function record_downloads(p_replica uuid, p_batch bigint, p_window_seconds bigint, p_changes jsonb) returns void
    language plpgsql volatile security invoker
as $$
declare
    c record;
begin
    perform act_as('background', '');
    insert into replicas as r (id, last_batch) values (p_replica, p_batch)
        on conflict (id) do update set seen_at = clock_timestamp(), last_batch = excluded.last_batch
        where r.last_batch < excluded.last_batch;
    if not found then
        return;
    end if;
    for c in
        select e.ordinality, t.* from jsonb_array_elements(p_changes) with ordinality e,
            jsonb_to_record(e.value) as t (
                transfer text, fingerprint text, owner text, kind text, resource_type text, resource text, filename text,
                tag text, address text, user_agent text, total bigint, whole boolean, ended text, low bigint, high bigint)
        order by t.fingerprint, e.ordinality
    loop
        if c.ended is null then
            update downloads d set current = false
                where d.fingerprint = c.fingerprint and d.current
                    -- The first of several connections may have sent everything into its socket before the others ask.
                    and (d.outcome = 'completed' and c.whole
                        or d.active_at < clock_timestamp() - make_interval(secs => p_window_seconds)
                            and download_outcome(d.outcome, d.transfers) <> 'active');
            insert into downloads as d
                (owner, kind, resource_type, resource, filename, tag, address, user_agent, fingerprint, total_bytes, transfers)
            values
                (c.owner, c.kind, c.resource_type, c.resource, c.filename, c.tag, c.address, c.user_agent, c.fingerprint,
                 c.total, array[c.transfer])
            on conflict (fingerprint) where current do update set
                transfers = array_append(d.transfers, c.transfer),
                active_at = clock_timestamp();
        else
            update downloads d set
                coverage = d.coverage + int8multirange(int8range(c.low, c.high)),
                transfers = array_remove(d.transfers, c.transfer),
                outcome = case
                    when d.outcome = 'completed' then d.outcome
                    -- Of a client that left, some bytes never arrived; but one that has taken parts to their ends leaves
                    -- a request whose rest it has elsewhere.
                    when (c.ended = 'partial' or c.ended = 'client_left' and d.outcome = 'partial')
                        and d.coverage + int8multirange(int8range(c.low, c.high)) @> int8range(0, d.total_bytes)
                        then 'completed'
                    else c.ended end,
                active_at = clock_timestamp(),
                finished_at = case when d.outcome = 'completed' then d.finished_at else clock_timestamp() end
            where d.fingerprint = c.fingerprint and d.transfers @> array[c.transfer];
        end if;
    end loop;
end
$$;
