-- The planner takes a batch for a hundred rows, and the table for as small as it was when the function first ran: it read all of the
-- audit log to close one entry, some milliseconds each time, and more the longer the log became. Each is looked up by its key.
alter function record_outcomes(jsonb) set enable_seqscan = off;
alter function record_downloads(uuid, bigint, bigint, jsonb) set enable_seqscan = off;
alter function jobs_of(text[], text[]) set enable_seqscan = off;
