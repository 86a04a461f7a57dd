-- When the first and the last refund of the shop was asked for.
-- grain: one row
-- key: none
-- reads: warehouse.storefront_refund
select
    cast(floor(extract(epoch from min(requested_at)) * 1000) as bigint) as first_ms,
    cast(floor(extract(epoch from max(requested_at)) * 1000) as bigint) as last_ms
from warehouse.storefront_refund
