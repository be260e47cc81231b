-- Where the publication of a completed job stands. A lease is held by who wrote its fence last; what it then commits says
-- that fence, so that who was stopped past its lease commits nothing.
alter table jobs
    add column publication text not null default 'due' check (publication in ('due', 'published')),
    add column publish_at timestamptz not null default now(),
    add column publish_attempts integer not null default 0,
    add column publish_lease_until timestamptz,
    add column publish_fence bigint not null default 0,
    add column publish_error text;
create index jobs_to_publish on jobs (publish_at) where status = 'completed' and publication = 'due';

-- Uploads under way, whichever replica takes them: a job is not published meanwhile. Replicas renew theirs; those of a
-- replica that has ended expire.
create table open_uploads (
    id bigint generated always as identity primary key,
    job_id text not null references jobs on update cascade on delete cascade,
    expires_at timestamptz not null
);
create index open_uploads_by_job on open_uploads (job_id);
alter table open_uploads enable row level security;
alter table open_uploads force row level security;
create policy ingest_writes on open_uploads to sluice_server using ((select acting()) in ('ingest', 'background'));
grant select, insert, update, delete on open_uploads to sluice_server;

-- Numbers the states in which links were issued, never the same twice: whatever ends links takes the next.
create sequence link_epochs;
grant usage on sequence link_epochs to sluice_server;

-- The key that signs links where none is configured.
create table link_keys (
    key_id text primary key,
    secret bytea not null,
    created_at timestamptz not null default now()
);
alter table link_keys enable row level security;
alter table link_keys force row level security;
create policy background_writes on link_keys to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on link_keys to sluice_server;

-- The last version of each name; its row's lock puts publications of one name in order, also when earlier versions are gone.
create table model_names (
    owner text not null check (char_length(owner) between 1 and 255),
    name text not null check (char_length(name) between 1 and 255),
    last_version integer not null,
    primary key (owner, name)
);

create table models (
    id uuid primary key default gen_random_uuid(),
    owner text not null,
    name text not null,
    version integer not null check (version > 0),
    job_id text not null,
    origin text not null check (origin in ('job', 'saved', 'rollback')),
    description text not null default '',
    tags text[] not null default '{}',
    quality_score integer check (quality_score between 1 and 5),
    convergence text not null,
    final_loss double precision,
    perplexity double precision,
    size bigint not null,
    total_cost numeric,
    dataset_id text,
    dataset_name text,
    config jsonb not null default '{}',
    training_summary jsonb not null default '{}',
    metrics jsonb not null default '{}',
    algorithm text,
    task_type text,
    safety text not null check (safety in ('safe', 'suspicious')),
    -- Of the unfiltered zip; the tag says for which layout.
    archive_tag text not null,
    archive_size bigint not null,
    archive_sha256 text not null,
    epoch bigint not null default nextval('link_epochs'),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz,
    unique (owner, name, version),
    unique (id, owner),
    foreign key (owner, name) references model_names (owner, name),
    foreign key (job_id, owner) references jobs (job_id, owner)
);
create index models_by_owner on models (owner, created_at desc, id) where deleted_at is null;
create index models_by_job on models (job_id);
create index models_deleted on models (deleted_at) where deleted_at is not null;
create unique index models_made_by_the_poller on models (job_id) where origin = 'job';

-- The epoch is new with each row, so that sharing again revives no link.
create table shares (
    model_id uuid not null,
    owner text not null,
    grantee text not null check (char_length(grantee) between 1 and 255),
    epoch bigint not null default nextval('link_epochs'),
    created_at timestamptz not null default clock_timestamp(),
    primary key (model_id, grantee),
    foreign key (model_id, owner) references models (id, owner) on delete cascade
);
create index shares_by_grantee on shares (grantee, model_id);

-- In the order of the archive's entries. Paths are as they were on disk.
create table model_files (
    model_id uuid not null,
    owner text not null,
    position integer not null,
    path text not null,
    directory boolean not null default false,
    size bigint not null,
    mode integer not null,
    modified_at timestamptz not null,
    crc32 bigint not null default 0,
    sha256 text,
    deflated_sha256 text,
    deflated_size bigint,
    blob_state text not null default 'live' check (blob_state = 'live'),
    safety text check (safety in ('safe', 'suspicious')),
    findings text[] not null default '{}',
    summary jsonb,
    primary key (model_id, position),
    check (directory = (sha256 is null)),
    check ((deflated_sha256 is null) = (deflated_size is null)),
    foreign key (model_id, owner) references models (id, owner) on delete cascade,
    foreign key (sha256, blob_state) references blobs (digest, state),
    foreign key (deflated_sha256, blob_state) references blobs (digest, state)
);
create index model_files_by_content on model_files (sha256);
create index model_files_by_copy on model_files (deflated_sha256) where deflated_sha256 is not null;

create table notifications (
    id uuid primary key default gen_random_uuid(),
    owner text not null,
    sender text not null,
    type text not null,
    job_id text,
    model_id uuid,
    message text not null,
    created_at timestamptz not null default clock_timestamp(),
    read_at timestamptz
);
create index notifications_by_owner on notifications (owner, created_at desc, id);
create index notifications_by_model on notifications (model_id);

create or replace function blob_is_referenced(p_digest text) returns boolean
    language sql stable security invoker
as $$
    select exists (select from content_index where deflated_sha256 = p_digest)
        or exists (select from model_files where sha256 = p_digest)
        or exists (select from model_files where deflated_sha256 = p_digest)
$$;

-- Owners write their own and read what is shared with them; share rows carry both names, so that no policy asks another's table.
do $$
declare
    named text;
begin
    foreach named in array array['model_names', 'models', 'shares', 'model_files', 'notifications'] loop
        execute format('alter table %I enable row level security', named);
        execute format('alter table %I force row level security', named);
        execute format($policy$create policy owner_writes on %I to sluice_server using (owner = (select acting_owner()))$policy$, named);
        execute format($policy$create policy admin_reads on %I for select to sluice_server using ((select acting()) = 'admin')$policy$, named);
        execute format($policy$create policy background_writes on %I to sluice_server using ((select acting()) = 'background')$policy$, named);
        execute format('grant select, insert, update, delete on %I to sluice_server', named);
    end loop;
end
$$;
create policy grantee_reads on shares for select to sluice_server using (grantee = (select acting_owner()));
create policy grantee_reads on models for select to sluice_server
    using (id in (select model_id from shares where grantee = (select acting_owner())));
create policy grantee_reads on model_files for select to sluice_server
    using (model_id in (select model_id from shares where grantee = (select acting_owner())));
create policy sender_tells on notifications for insert to sluice_server with check (sender = (select acting_owner()));
create policy sender_takes_back on notifications for delete to sluice_server using (sender = (select acting_owner()));
create policy sender_finds on notifications for select to sluice_server using (sender = (select acting_owner()));

-- The check of every download of a published model, in one statement as job_of is: the model, if it is one's own or shared
-- with one. What is deleted is missing.
create function model_of(p_subject text, p_id uuid) returns setof models
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('owner', p_subject);
    return query select * from models where id = p_id and deleted_at is null
        and (owner = p_subject or exists (select from shares where model_id = p_id and grantee = p_subject));
end
$$;

create function files_of_model(p_subject text, p_id uuid) returns setof model_files
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('owner', p_subject);
    return query select * from model_files where model_id = p_id order by position;
end
$$;

-- What a link was issued for: 0 is the share epoch of the owner's own links.
create function linked_model(p_subject text, p_id uuid, p_epoch bigint, p_share_epoch bigint) returns setof models
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('owner', p_subject);
    return query select * from models where id = p_id and deleted_at is null and epoch = p_epoch
        and case when p_share_epoch = 0 then owner = p_subject
            else exists (select from shares where model_id = p_id and grantee = p_subject and epoch = p_share_epoch) end;
end
$$;
