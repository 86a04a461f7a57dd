-- When each unit was there, by its events or its orders.
-- grain: one row a unit
-- key: unit_id
-- reads: int_visitor_days, warehouse.analytics_visitorday, stg_orders
select
    unit_id,
    min(day) as first_seen,
    max(day) as last_seen,
    count(*) as active_days
from (
    select unit_id, day from warehouse.analytics_visitorday
    union distinct
    select unit_id, day from stg_orders
) as days
group by unit_id
