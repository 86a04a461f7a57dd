-- Exposures of a stretch of transactions by run, all those of runs that begin afresh.
-- grain: one row a run; key: run_id; reads: experiments_exposure
select
    run_id,
    count(*) as exposures,
    min(exposed_at) as first_at,
    max(exposed_at) as last_at
from (
    select run_id, exposed_at
    from experiment.experiments_exposure
    where
        tx >= %(from)s::xid8 and tx < %(before)s::xid8
        and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
        and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
        and run_id = any(%(run_ids)s::bigint [])
        and run_id <> all(%(afresh)s::bigint [])
    union all
    select run_id, exposed_at
    from experiment.experiments_exposure
    where run_id = any(%(afresh)s::bigint []) and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
) as new
group by run_id
