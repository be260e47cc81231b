grant usage on schema sluice to sluice_server;
-- A server whose user may not migrate reads here whether somebody else has.
grant select on ${flyway:table} to sluice_server;

-- Who acts, until the end of the transaction. Both settings are always written together, so that none survives from
-- whoever acted before in the same transaction. SECURITY INVOKER: it grants nothing, policies decide.
create function act_as(p_actor text, p_owner text) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform set_config('sluice.actor', p_actor, true), set_config('sluice.owner', p_owner, true);
end
$$;

-- '' when nobody acts: PostgreSQL forgets a transaction's setting as '' or as null, and neither is an owner.
create function acting() returns text
    language sql stable security invoker parallel safe
return coalesce(current_setting('sluice.actor', true), '');

create function acting_owner() returns text
    language sql stable security invoker parallel safe
return case when current_setting('sluice.actor', true) = 'owner' then nullif(current_setting('sluice.owner', true), '') end;

create table jobs (
    job_id text primary key check (job_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' and job_id <> 'jobs'),
    owner text not null check (char_length(owner) between 1 and 255),
    name text,
    status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
    dataset_id text,
    dataset_name text,
    config jsonb not null default '{}',
    total_cost numeric,
    error text,
    artifact_urls jsonb not null default '[]',
    created_at timestamptz not null default now(),
    started_at timestamptz,
    completed_at timestamptz,
    unique (job_id, owner)
);

create index jobs_by_owner on jobs (owner, created_at desc, job_id);

-- The owner is repeated so that the policy needs no look at jobs; the reference keeps both the same.
create table job_metrics (
    job_id text not null,
    owner text not null,
    step bigint not null,
    epoch double precision,
    train_loss double precision,
    validation_loss double precision,
    learning_rate double precision,
    extra jsonb not null default '{}',
    primary key (job_id, step),
    foreign key (job_id, owner) references jobs (job_id, owner) on update cascade on delete cascade
);

-- Owners read their own; trainers (ingest) and background work write anyone's; admins read everything. FORCE holds for
-- the schema's owner too: a later migration that rewrites rows must lift it (NO FORCE) and put it back.
alter table jobs enable row level security;
alter table jobs force row level security;
create policy owner_reads on jobs for select to sluice_server using (owner = (select acting_owner()));
create policy admin_reads on jobs for select to sluice_server using ((select acting()) = 'admin');
create policy ingest_writes on jobs to sluice_server using ((select acting()) in ('ingest', 'background'));
grant select, insert, update, delete on jobs to sluice_server;

alter table job_metrics enable row level security;
alter table job_metrics force row level security;
create policy owner_reads on job_metrics for select to sluice_server using (owner = (select acting_owner()));
create policy admin_reads on job_metrics for select to sluice_server using ((select acting()) = 'admin');
create policy ingest_writes on job_metrics to sluice_server using ((select acting()) in ('ingest', 'background'));
grant select, insert, update, delete on job_metrics to sluice_server;

-- The ownership check of every download, in one statement and so in one transaction: no other request can slip between
-- the setting and the query. VOLATILE, or the query would not be planned after the setting. A missing job and a
-- foreign one are the same empty answer.
create function job_of(p_owner text, p_job text) returns setof jobs
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('owner', p_owner);
    return query select * from jobs where job_id = p_job and owner = p_owner;
end
$$;
