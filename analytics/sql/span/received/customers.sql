-- When the first and the last order of a simulated customer was placed.
-- grain: one row
-- key: none
-- reads: warehouse.simulation_customerorder
select
    cast(floor(extract(epoch from min(placed_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(placed_at)) * 1000) as bigint) as last_ms
from warehouse.simulation_customerorder
