-- When the first and the last event of the simulated history happened.
-- grain: one row
-- key: none
-- reads: warehouse.simulation_historyevent
select
    cast(floor(extract(epoch from min(occurred_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(occurred_at)) * 1000) as bigint) as last_ms
from warehouse.simulation_historyevent
