-- A server whose user may not migrate reads here whether somebody else has.
grant select on ${flyway:table} to sluice_server;
