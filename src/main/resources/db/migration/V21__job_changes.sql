-- Who remembers a job hears when something changes that is told of it, or when it goes, whoever does it. A commit with an announcement
-- waits for other such commits, so nothing else is announced: not leases, not metrics, and no new job, for nobody remembers what is
-- missing.
create function announce_job() returns trigger
    language plpgsql volatile security invoker
as $$
begin
    perform pg_notify('sluice_changes', 'job ' || old.job_id || ' ' || old.owner);
    return null;
end
$$;

create trigger changes_are_announced after update on jobs for each row
    when ((old.job_id, old.owner, old.name, old.status, old.dataset_id, old.dataset_name, old.config, old.total_cost::text, old.error,
            old.publish_error, old.created_at, old.started_at, old.completed_at, old.publication, old.artifact_urls = '[]')
        is distinct from
        (new.job_id, new.owner, new.name, new.status, new.dataset_id, new.dataset_name, new.config, new.total_cost::text, new.error,
            new.publish_error, new.created_at, new.started_at, new.completed_at, new.publication, new.artifact_urls = '[]'))
    execute function announce_job();

create trigger ends_are_announced after delete on jobs for each row execute function announce_job();
