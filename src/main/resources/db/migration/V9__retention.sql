-- Downloads that were refused before anything of them was sent, for the statistics: how many by hour and status.
create table download_errors (
    owner text not null check (char_length(owner) between 1 and 255),
    hour timestamptz not null,
    status int not null check (status between 400 and 599),
    count bigint not null,
    primary key (owner, hour, status)
);
create index download_errors_by_time on download_errors (hour);

alter table download_errors enable row level security;
alter table download_errors force row level security;
create policy owner_reads on download_errors for select to sluice_server using (owner = (select acting_owner()));
create policy admin_reads on download_errors for select to sluice_server using ((select acting()) = 'admin');
create policy background_writes on download_errors to sluice_server using ((select acting()) = 'background');
grant select, insert, update, delete on download_errors to sluice_server;

-- As of last_batch: these batches have numbers of their own.
alter table replicas add column last_error_batch bigint not null default 0;

-- Rows in one order, so that two processes cannot lock each other; a batch that comes again is known by its number.
create function record_download_errors(p_replica uuid, p_batch bigint, p_errors jsonb) returns void
    language plpgsql volatile security invoker
as $$
begin
    perform act_as('background', '');
    insert into replicas as r (id, last_error_batch) values (p_replica, p_batch)
        on conflict (id) do update set seen_at = clock_timestamp(), last_error_batch = excluded.last_error_batch
        where r.last_error_batch < excluded.last_error_batch;
    if not found then
        return;
    end if;
    insert into download_errors as e (owner, hour, status, count)
        select owner, date_trunc('hour', clock_timestamp(), 'UTC'), status, count(*)
        from jsonb_to_recordset(p_errors) as refused (owner text, status int) group by owner, status order by 1, 2, 3
        on conflict (owner, hour, status) do update set count = e.count + excluded.count;
end
$$;

-- What is old may go, and nothing else: not even the background can take back what was recorded in the last 30 days.
drop policy background_writes on audit;
create policy background_reads on audit for select to sluice_server using ((select acting()) = 'background');
create policy background_appends on audit for insert to sluice_server with check ((select acting()) = 'background');
create policy background_closes on audit for update to sluice_server using ((select acting()) = 'background');
create policy background_forgets on audit for delete to sluice_server
    using ((select acting()) = 'background' and at < now() - interval '30 days');
grant delete on audit to sluice_server;

create index downloads_by_time on downloads (started_at);

-- Deletes some rows of each kind that are older than so many seconds. One process at a time: the others have nothing to do then.
-- Returns how many it were; 0 when there are none, or somebody else is at it.
create function forget_records(p_audit_seconds bigint, p_downloads_seconds bigint, p_batch int) returns bigint
    language plpgsql volatile security invoker
as $$
declare
    forgotten bigint := 0;
    deleted bigint;
    audit_before timestamptz := now() - make_interval(secs => p_audit_seconds);
    downloads_before timestamptz := now() - make_interval(secs => p_downloads_seconds);
begin
    perform act_as('background', '');
    if not pg_try_advisory_xact_lock(hashtextextended('sluice.forget_records', 0)) then
        return 0;
    end if;
    delete from audit where id in (
        select id from audit where at < audit_before order by at limit p_batch);
    get diagnostics deleted = row_count;
    forgotten := forgotten + deleted;
    delete from downloads where id in (
        select id from downloads where started_at < downloads_before and active_at < downloads_before
        order by started_at limit p_batch);
    get diagnostics deleted = row_count;
    forgotten := forgotten + deleted;
    delete from download_errors where (owner, hour, status) in (
        select owner, hour, status from download_errors where hour < downloads_before order by hour limit p_batch);
    get diagnostics deleted = row_count;
    return forgotten + deleted;
end
$$;
