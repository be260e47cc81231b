-- What live files contain, keyed by what lstat says of them, so that replicas agree and a restart forgets nothing. The
-- path stands as a digest in the key, because a path of 4,096 bytes is larger than a B-tree's row.
create table content_index (
    job_id text not null,
    owner text not null,
    path_digest bytea not null check (octet_length(path_digest) = 32),
    path text not null,
    size bigint not null,
    modified_nanos bigint not null,
    changed_nanos bigint not null,
    inode bigint not null,
    crc32 bigint,
    -- How far an unfinished CRC-32 of a very large file has come: bytes, and their CRC-32.
    crc32_position bigint,
    crc32_so_far bigint,
    sha256 text,
    encoding text check (encoding in ('stored', 'deflated')),
    deflated_sha256 text,
    deflated_size bigint,
    indexed_at timestamptz not null default now(),
    primary key (job_id, path_digest),
    foreign key (job_id, owner) references jobs (job_id, owner) on update cascade on delete cascade,
    check ((encoding = 'deflated') = (deflated_sha256 is not null and deflated_size is not null) or encoding is null)
);
create index content_index_by_copy on content_index (deflated_sha256) where deflated_sha256 is not null;

alter table content_index enable row level security;
alter table content_index force row level security;
create policy owner_reads on content_index for select to sluice_server using (owner = (select acting_owner()));
create policy background_writes on content_index to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on content_index to sluice_server;

-- In one statement, as job_of is. A subtree of '' is the whole job.
create function content_of(p_owner text, p_job text, p_subtree text) returns setof content_index
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('owner', p_owner);
    return query select * from content_index
        where job_id = p_job and owner = p_owner and (p_subtree = '' or path = p_subtree or starts_with(path, p_subtree || '/'));
end
$$;

-- Facts about the same state of a file add up, and the encoding that was chosen first stays: two choices would be two
-- byte sequences for one content. Another state of the file begins anew.
create function record_content(
    p_owner text, p_job text, p_path_digest bytea, p_path text,
    p_size bigint, p_modified_nanos bigint, p_changed_nanos bigint, p_inode bigint,
    p_crc32 bigint, p_sha256 text, p_encoding text, p_deflated_sha256 text, p_deflated_size bigint)
    returns setof content_index
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    -- Against the collection of copies, which holds the same lock while it looks for references and deletes.
    if p_deflated_sha256 is not null then
        perform pg_advisory_xact_lock(hashtextextended(p_deflated_sha256, 0));
    end if;
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

-- Only while nothing better is known of this state of the file.
create function checkpoint_content(
    p_owner text, p_job text, p_path_digest bytea, p_path text,
    p_size bigint, p_modified_nanos bigint, p_changed_nanos bigint, p_inode bigint,
    p_position bigint, p_so_far bigint)
    returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    insert into content_index as known
        (job_id, owner, path_digest, path, size, modified_nanos, changed_nanos, inode, crc32_position, crc32_so_far)
    select p_job, p_owner, p_path_digest, p_path, p_size, p_modified_nanos, p_changed_nanos, p_inode, p_position, p_so_far
    where exists (select from jobs where job_id = p_job and owner = p_owner)
    on conflict (job_id, path_digest) do update
        set crc32_position = excluded.crc32_position, crc32_so_far = excluded.crc32_so_far
        where known.crc32 is null
            and (known.size, known.modified_nanos, known.changed_nanos, known.inode)
                = (excluded.size, excluded.modified_nanos, excluded.changed_nanos, excluded.inode);
end
$$;
