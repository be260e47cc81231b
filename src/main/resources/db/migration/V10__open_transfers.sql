-- Requests under way, one row each. As an array of their download they made each beginning and each end of a thousand requests
-- for one thing write all thousand again.
create table open_transfers (
    -- As process/request.
    transfer text primary key,
    download uuid not null references downloads on delete cascade,
    replica uuid not null
);
create index open_transfers_by_download on open_transfers (download, replica);

alter table open_transfers enable row level security;
alter table open_transfers force row level security;
-- As the download that it is of.
create policy seen_with_download on open_transfers for select to sluice_server
    using (exists (select from downloads d where d.id = download));
create policy background_writes on open_transfers to sluice_server using ((select acting()) = 'background');
grant select, insert, delete on open_transfers to sluice_server;

drop function record_downloads(uuid, bigint, bigint, jsonb);
drop function download_outcome(text, text[]);

insert into open_transfers (transfer, download, replica)
    select t, d.id, split_part(t, '/', 1)::uuid from downloads d, unnest(d.transfers) t;
alter table downloads drop column transfers;

-- How a download stands: open requests count as long as their process lives.
create function download_outcome(p_outcome text, p_download uuid) returns text
    language sql stable security invoker
return case
    when p_outcome = 'completed' then 'completed'
    when exists (select from (select distinct replica from open_transfers where download = p_download) o
        where replica_lives(o.replica)) then 'active'
    when exists (select from open_transfers where download = p_download) then 'unknown'
    else coalesce(p_outcome, 'unknown')
end;

-- Beginnings and ends of requests, in their order. Each fingerprint's rows are locked by whoever comes first, in one order
-- everywhere; a batch that comes again is known by its number.
create function record_downloads(p_replica uuid, p_batch bigint, p_window_seconds bigint, p_changes jsonb) returns void
    language plpgsql volatile security invoker
as $$
declare
    c record;
    begun uuid;
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
                            and download_outcome(d.outcome, d.id) <> 'active');
            insert into downloads as d
                (owner, kind, resource_type, resource, filename, tag, address, user_agent, fingerprint, total_bytes)
            values
                (c.owner, c.kind, c.resource_type, c.resource, c.filename, c.tag, c.address, c.user_agent, c.fingerprint,
                 c.total)
            on conflict (fingerprint) where current do update set active_at = clock_timestamp()
            returning d.id into begun;
            insert into open_transfers (transfer, download, replica) values (c.transfer, begun, p_replica);
        else
            delete from open_transfers where transfer = c.transfer returning download into begun;
            continue when not found;
            update downloads d set
                coverage = d.coverage + int8multirange(int8range(c.low, c.high)),
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
            where d.id = begun;
        end if;
    end loop;
end
$$;
