-- The oldest transaction that runs, the next one to begin, and when this was seen.
-- grain: one row; reads: nothing
-- The statement's time lies before its snapshot, so that what was committed before that time is in the snapshot.
select
    pg_snapshot_xmin(seen)::text::bigint as oldest,
    pg_snapshot_xmax(seen)::text::bigint as next,
    statement_timestamp() as at
from pg_current_snapshot() as seen
