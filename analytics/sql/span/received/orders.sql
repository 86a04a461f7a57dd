-- When the first and the last order of the shop was placed.
-- grain: one row
-- key: none
-- reads: warehouse.storefront_order
select
    cast(floor(extract(epoch from min(placed_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(placed_at)) * 1000) as bigint) as last_ms
from warehouse.storefront_order
