-- The units that a run exposed, of the transactions that were read.
-- grain: one row a unit; key: unit_id; reads: experiments_exposure
select distinct unit_id
from experiment.experiments_exposure
where run_id = %(run_id)s and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
