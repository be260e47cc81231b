-- The role that every connection of the server takes. Roles belong to the cluster, not to the database, so this runs
-- before each migration: it also serves a database that was restored elsewhere, or a second one in the same cluster.
do $$
declare
    owner_may_set boolean;
begin
    if not exists (select from pg_roles where rolname = 'sluice_server') then
        begin
            create role sluice_server nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
        exception
            when duplicate_object or unique_violation then
                null; -- another replica was faster
            when insufficient_privilege then
                raise exception 'role sluice_server is missing and % may not create it', current_user
                    using errcode = 'insufficient_privilege',
                          hint = format('As a superuser run: CREATE ROLE sluice_server NOLOGIN; GRANT sluice_server TO %I;', current_user);
        end;
    end if;

    if exists (select from pg_roles where rolname = 'sluice_server' and (rolsuper or rolbypassrls or rolcanlogin)) then
        raise exception 'role sluice_server may log in or bypass row-level security'
            using errcode = 'invalid_role_specification',
                  hint = 'As a superuser run: ALTER ROLE sluice_server NOLOGIN NOSUPERUSER NOBYPASSRLS;';
    end if;

    -- Who creates a role with CREATEROLE alone may administer it but not yet become it (PostgreSQL 16 and later).
    for attempt in 1..5 loop
        owner_may_set := pg_has_role(
            current_user, 'sluice_server', case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end);
        exit when owner_may_set;
        begin
            execute format(
                'grant sluice_server to %I %s', current_user,
                case when current_setting('server_version_num')::int >= 160000 then 'with set true, inherit false' else '' end);
        exception
            when unique_violation or internal_error then
                null; -- granted by another replica at this moment; looked at again
            when insufficient_privilege then
                exit;
        end;
    end loop;
    if not owner_may_set then
        raise exception '% may not take the role sluice_server', current_user
            using errcode = 'insufficient_privilege',
                  hint = format('As a superuser run: GRANT sluice_server TO %I;', current_user);
    end if;
end
$$;
