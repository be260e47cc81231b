-- What a trainer says of a job is told again and never asked about. As it was written it costs less to tell than taken apart and put
-- together again, and the order of its members stays.
drop trigger changes_are_announced on jobs;
alter table jobs
    alter column config drop default,
    alter column config type json using config::text::json,
    alter column config set default '{}';
create trigger changes_are_announced after update on jobs for each row
    when ((old.job_id, old.owner, old.name, old.status, old.dataset_id, old.dataset_name, old.config::text, old.total_cost::text, old.error,
            old.publish_error, old.created_at, old.started_at, old.completed_at, old.publication, old.artifact_urls = '[]')
        is distinct from
        (new.job_id, new.owner, new.name, new.status, new.dataset_id, new.dataset_name, new.config::text, new.total_cost::text, new.error,
            new.publish_error, new.created_at, new.started_at, new.completed_at, new.publication, new.artifact_urls = '[]'))
    execute function announce_job();
