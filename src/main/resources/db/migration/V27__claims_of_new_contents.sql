-- How long nothing has referred to a content is counted from when the collection first saw so: counted from its claim, the time
-- of one that was referred to meanwhile, and seen by no collection, could be over when its last reference went.
alter table blobs alter column unreferenced_at drop default;

-- From now on these contents stay for the collection's grace at least. Also a content that is about to be deleted is taken
-- back; whether its bytes are still there is for the caller to see. Whoever deletes one is waited for; whoever refers to one is not.
-- "On conflict (digest)" looked there only before it wrote: another's row that was written in between violated the other
-- uniqueness, of digest and state, or the two waited for each other, and a whole request failed for it. Without a target it
-- heeds all that is unique.
create or replace function claim_blobs(p_digests text[], p_sizes bigint[]) returns void
    language plpgsql volatile security invoker
as $$
declare
    wanted constant bigint := (select count(distinct digest) from unnest(p_digests) as needed (digest));
    claimed text[] := '{}';
begin
    perform act_as('background', '');
    loop
        with fresh as (
            insert into blobs (digest, size)
                select distinct needed.digest, needed.size from unnest(p_digests, p_sizes) as needed (digest, size)
                where needed.digest <> all (claimed) order by 1
            on conflict do nothing
            returning digest)
        select claimed || coalesce(array_agg(digest), '{}') into claimed from fresh;
        exit when cardinality(claimed) = wanted;
        with known as (
            select digest, state, unreferenced_at from blobs where digest = any (p_digests) and digest <> all (claimed)
            order by digest for no key update),
        kept as (
            update blobs set state = 'live', unreferenced_at = null from known
            -- As they are under the lock, not as they were when the statement began.
            where blobs.digest = known.digest and (known.state <> 'live' or known.unreferenced_at is not null))
        select claimed || coalesce(array_agg(digest), '{}') into claimed from known;
        -- What is missing now was deleted between the two.
        exit when cardinality(claimed) = wanted;
    end loop;
end
$$;
