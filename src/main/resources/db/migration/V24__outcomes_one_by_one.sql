-- As one statement it was planned as a join with the audit log, whose rows the planner reads all in the order of their keys when it takes
-- a batch for a hundred rows and the log for thousands. One by one there is nothing to plan: a key, a row.
create or replace function record_outcomes(p_outcomes jsonb) returns void
    language plpgsql volatile security invoker
    set enable_seqscan = off
as $$
declare
    o record;
begin
    perform act_as('background', '');
    for o in select * from jsonb_to_recordset(p_outcomes) as r (id uuid, event_type text, outcome text, details jsonb) loop
        update audit set
            event_type = o.event_type,
            outcome = o.outcome,
            details = audit.details || o.details,
            closed_at = clock_timestamp()
        where audit.id = o.id and audit.outcome is null;
    end loop;
end
$$;
