-- Whether the fetch of a job's present artifacts has begun: it is recorded once, however often it is tried.
alter table jobs add column fetch_begun boolean not null default false;

-- Artifacts that were fetched and are in the blob store already, until their job is published: when it is tried again only
-- the others are fetched. Known by the digest of what was asked for: path, URL, and the digest and size that were promised.
create table fetched_artifacts (
    job_id text not null,
    owner text not null,
    artifact text not null,
    -- Whether the trainer had said what the bytes are: then they stay the right ones when other artifacts are named.
    promised boolean not null,
    path text not null,
    size bigint not null,
    mode integer not null,
    modified_at timestamptz not null,
    crc32 bigint not null,
    sha256 text not null,
    deflated_sha256 text,
    deflated_size bigint,
    blob_state text not null default 'live' check (blob_state = 'live'),
    safety text check (safety in ('safe', 'suspicious')),
    findings text[] not null default '{}',
    summary jsonb,
    fetched_at timestamptz not null default clock_timestamp(),
    primary key (job_id, artifact),
    check ((deflated_sha256 is null) = (deflated_size is null)),
    foreign key (job_id, owner) references jobs (job_id, owner) on update cascade on delete cascade,
    foreign key (sha256, blob_state) references blobs (digest, state),
    foreign key (deflated_sha256, blob_state) references blobs (digest, state)
);
create index fetched_artifacts_by_content on fetched_artifacts (sha256);
create index fetched_artifacts_by_copy on fetched_artifacts (deflated_sha256) where deflated_sha256 is not null;
create index fetched_artifacts_by_time on fetched_artifacts (fetched_at);

alter table fetched_artifacts enable row level security;
alter table fetched_artifacts force row level security;
create policy ingest_writes on fetched_artifacts to sluice_server using ((select acting()) in ('ingest', 'background'));
grant select, insert, update, delete on fetched_artifacts to sluice_server;

create or replace function blob_is_referenced(p_digest text) returns boolean
    language sql stable security invoker
as $$
    select exists (select from content_index where deflated_sha256 = p_digest)
        or exists (select from model_files where sha256 = p_digest)
        or exists (select from model_files where deflated_sha256 = p_digest)
        or exists (select from fetched_artifacts where sha256 = p_digest)
        or exists (select from fetched_artifacts where deflated_sha256 = p_digest)
$$;
