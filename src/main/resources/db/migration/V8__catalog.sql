create sequence catalog_fences;
grant usage on sequence catalog_fences to sluice_server;

-- Downloads of catalog models, one row a model, so that any replica answers for all. A model without a row was never asked
-- for. Who may write it is decided by the token: requested_by is for the record and is shown to nobody.
create table catalog_downloads (
    model_id text primary key,
    status text not null check (status in ('queued', 'downloading', 'verifying', 'completed', 'failed', 'cancelled')),
    requested_by text not null,
    request_id text not null,
    bytes_per_second bigint check (bytes_per_second > 0),
    connections int not null check (connections between 1 and 16),
    downloaded_bytes bigint not null default 0,
    total_bytes bigint,
    speed double precision not null default 0,
    error text,
    -- Of the file that is kept: what its bytes are, and whether the catalog had said so.
    sha256 text,
    size bigint,
    verified boolean not null default false,
    -- Whoever holds an older number has lost the row, by a take-over, a cancellation or a deletion. Never used twice.
    fence bigint not null default nextval('catalog_fences'),
    lease_until timestamptz,
    requested_at timestamptz not null default now(),
    finished_at timestamptz,
    check (status <> 'completed' or (sha256 is not null and size is not null))
);
create index catalog_downloads_open on catalog_downloads (requested_at) where status in ('queued', 'downloading', 'verifying');

alter table catalog_downloads enable row level security;
alter table catalog_downloads force row level security;
create policy background_writes on catalog_downloads to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on catalog_downloads to sluice_server;

-- The oldest that is queued or whose holder is gone, unless so many are under way already. One claim at a time, or two
-- replicas would each see the last free place.
create function claim_catalog_download(p_lease interval, p_most int) returns setof catalog_downloads
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    perform pg_advisory_xact_lock(hashtextextended('catalog_downloads', 0));
    if (select count(*) from catalog_downloads
            where status in ('downloading', 'verifying') and lease_until > clock_timestamp()) >= p_most then
        return;
    end if;
    return query
        update catalog_downloads set status = 'downloading', fence = nextval('catalog_fences'), lease_until = clock_timestamp() + p_lease
        where model_id = (
            select model_id from catalog_downloads
            where status in ('queued', 'downloading', 'verifying')
                and (lease_until is null or lease_until <= clock_timestamp())
            order by requested_at, model_id limit 1 for update skip locked)
        returning *;
end
$$;

-- In one statement, as job_of is. Of all models where p_model is null.
create function catalog_downloads_now(p_model text) returns setof catalog_downloads
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    return query select * from catalog_downloads where p_model is null or model_id = p_model;
end
$$;
