-- Which transactions are visible now, and when this was seen.
-- grain: one row; reads: nothing
-- The statement's time lies before its snapshot, so that what was committed before that time is in the snapshot.
select
    pg_current_snapshot()::text as visible,
    statement_timestamp() as at
