-- As job_of, of so many that are asked for at once, each by its owner: p_owners and p_jobs are pairs. Row-level security sees one owner
-- at a time.
create function jobs_of(p_owners text[], p_jobs text[]) returns setof jobs
    language plpgsql volatile security invoker
as $$
declare
    asking record;
begin
    for asking in select o.owner, array_agg(o.job) as jobs from unnest(p_owners, p_jobs) as o (owner, job) group by o.owner loop
        perform set_config('sluice.actor', 'owner', true), set_config('sluice.owner', asking.owner, true);
        return query select * from jobs where owner = asking.owner and job_id = any(asking.jobs);
    end loop;
end
$$;
