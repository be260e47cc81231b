-- Whether a request for a part has ended well. The outcome tells it of the last request only: a client that left two of its connections
-- with all bytes in hand was told to have left the download.
alter table downloads add column parts_taken boolean not null default false;
-- As the migration's user, who is bound like everybody else while it is forced.
alter table downloads no force row level security;
update downloads set parts_taken = true where outcome = 'partial';
alter table downloads force row level security;

-- Beginnings and ends of requests, in their order. Each fingerprint's rows are locked by whoever comes first, in one order
-- everywhere; a batch that comes again is known by its number.
create or replace function record_downloads(p_replica uuid, p_batch bigint, p_window_seconds bigint, p_changes jsonb) returns void
    language plpgsql volatile security invoker
    set enable_seqscan = off
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
                    -- requests whose rest it has elsewhere.
                    when (c.ended = 'partial' or c.ended = 'client_left' and d.parts_taken)
                        and d.coverage + int8multirange(int8range(c.low, c.high)) @> int8range(0, d.total_bytes)
                        then 'completed'
                    else c.ended end,
                parts_taken = d.parts_taken or c.ended = 'partial',
                active_at = clock_timestamp(),
                finished_at = case when d.outcome = 'completed' then d.finished_at else clock_timestamp() end
            where d.id = begun;
        end if;
    end loop;
end
$$;
