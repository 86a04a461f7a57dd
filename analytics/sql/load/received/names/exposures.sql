-- Units that saw an experiment, with events or without.
-- grain: one row a unit
-- key: kind, name
-- reads: experiment.experiments_exposure
select distinct
    'visitor' as kind,
    unit_id as name
from experiment.experiments_exposure
where exposed_at >= %(since)s and exposed_at < %(until)s
