-- Those who ask together are often one owner's jobs: then nobody needs to be told apart. An assignment calls a function; perform would
-- make a query of it.
create or replace function jobs_of(p_owners text[], p_jobs text[]) returns setof jobs
    language plpgsql volatile security invoker
    set enable_seqscan = off
as $$
declare
    asking record;
    told text;
begin
    if p_owners[1] = all (p_owners) then
        told := set_config('sluice.actor', 'owner', true);
        told := set_config('sluice.owner', p_owners[1], true);
        return query select * from jobs where job_id = any(p_jobs) and (owner = p_owners[1]) is true;
        return;
    end if;
    for asking in select o.owner, array_agg(o.job) as jobs from unnest(p_owners, p_jobs) as o (owner, job) group by o.owner loop
        told := set_config('sluice.actor', 'owner', true);
        told := set_config('sluice.owner', asking.owner, true);
        return query select * from jobs where job_id = any(asking.jobs) and (owner = asking.owner) is true;
    end loop;
end
$$;
