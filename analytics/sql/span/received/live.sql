-- When the first and the last event happened that the shop or another product reported.
-- grain: one row
-- key: none
-- reads: experiment.experiments_event
select
    cast(floor(extract(epoch from min(occurred_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(occurred_at)) * 1000) as bigint) as last_ms
from experiment.experiments_event
