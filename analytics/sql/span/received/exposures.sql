-- When the first and the last unit was exposed to an experiment.
-- grain: one row
-- key: none
-- reads: experiment.experiments_exposure
select
    cast(floor(extract(epoch from min(exposed_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(exposed_at)) * 1000) as bigint) as last_ms
from experiment.experiments_exposure
