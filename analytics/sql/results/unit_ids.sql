-- The units that a run exposed.
-- grain: one row a unit; key: unit_id; reads: experiments_exposure
select distinct unit_id
from experiment.experiments_exposure
where run_id = %(run_id)s and exposed_at < %(until)s
