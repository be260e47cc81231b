-- Every content in the blob store. Who needs a content claims its row first, then puts the bytes into the store where they
-- are missing, then refers to the row. A reference names the state too: so no content can be marked for deletion while
-- something refers to it, and nothing can refer to one that is marked. A table that refers to blobs has the columns
--     digest text, blob_state text not null default 'live' check (blob_state = 'live'),
--     foreign key (digest, blob_state) references blobs (digest, state)
-- and its own line in blob_is_referenced.
create table blobs (
    digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
    size bigint not null check (size >= 0),
    state text not null default 'live' check (state in ('live', 'deleting')),
    created_at timestamptz not null default now(),
    -- Since when nothing is known to refer to it; null while something was seen to.
    unreferenced_at timestamptz default now(),
    unique (digest, state)
);
create index blobs_unreferenced on blobs (unreferenced_at) where unreferenced_at is not null;
create index blobs_deleting on blobs (digest) where state = 'deleting';

-- As the migration's user, who is bound like everybody else while it is forced.
alter table content_index no force row level security;
insert into blobs (digest, size)
    select deflated_sha256, max(deflated_size) from content_index where deflated_sha256 is not null group by deflated_sha256;
alter table content_index
    add column blob_state text not null default 'live' check (blob_state = 'live'),
    add foreign key (deflated_sha256, blob_state) references blobs (digest, state);
alter table content_index force row level security;

alter table blobs enable row level security;
alter table blobs force row level security;
create policy background_writes on blobs to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on blobs to sluice_server;

-- Which candidates are worth an attempt to delete; whether it succeeds is for the foreign keys to say.
create function blob_is_referenced(p_digest text) returns boolean
    language sql stable security invoker
as $$
    select exists (select from content_index where deflated_sha256 = p_digest)
$$;

-- From now on these contents stay for the collection's grace at least. Also a content that is about to be deleted is taken
-- back; whether its bytes are still there is for the caller to see. In one order, so that two callers cannot lock each other.
create function claim_blobs(p_digests text[], p_sizes bigint[]) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    insert into blobs (digest, size)
        select distinct claimed.digest, claimed.size from unnest(p_digests, p_sizes) as claimed (digest, size) order by 1
    on conflict (digest) do update set
        state = 'live',
        unreferenced_at = case when blobs.unreferenced_at is null then null else now() end;
end
$$;

-- As before, but for the lock: the reference to blobs takes it now.
create or replace function record_content(
    p_owner text, p_job text, p_path_digest bytea, p_path text,
    p_size bigint, p_modified_nanos bigint, p_changed_nanos bigint, p_inode bigint,
    p_crc32 bigint, p_sha256 text, p_encoding text, p_deflated_sha256 text, p_deflated_size bigint)
    returns setof content_index
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    return query
        insert into content_index as known
            (job_id, owner, path_digest, path, size, modified_nanos, changed_nanos, inode,
             crc32, sha256, encoding, deflated_sha256, deflated_size)
        select p_job, p_owner, p_path_digest, p_path, p_size, p_modified_nanos, p_changed_nanos, p_inode,
             p_crc32, p_sha256, p_encoding, p_deflated_sha256, p_deflated_size
        where exists (select from jobs where job_id = p_job and owner = p_owner)
        on conflict (job_id, path_digest) do update set
            size = excluded.size,
            modified_nanos = excluded.modified_nanos,
            changed_nanos = excluded.changed_nanos,
            inode = excluded.inode,
            crc32 = case when (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                            = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode)
                then coalesce(known.crc32, excluded.crc32) else excluded.crc32 end,
            sha256 = case when (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                             = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode)
                then coalesce(known.sha256, excluded.sha256) else excluded.sha256 end,
            deflated_sha256 = case when (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                                      = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode)
                                      and known.encoding is not null
                then known.deflated_sha256 else excluded.deflated_sha256 end,
            deflated_size = case when (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                                    = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode)
                                    and known.encoding is not null
                then known.deflated_size else excluded.deflated_size end,
            encoding = case when (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                               = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode)
                then coalesce(known.encoding, excluded.encoding) else excluded.encoding end,
            crc32_position = null,
            crc32_so_far = null,
            indexed_at = now()
        returning known.*;
end
$$;

