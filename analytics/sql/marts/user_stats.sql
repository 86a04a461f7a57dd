-- What each unit ordered so far, and what that says about them.
-- grain: one row a unit
-- key: unit_id
-- reads: stg_orders, int_user_activity
-- writes: warehouse.analytics_userstat whole
-- column unit_id: visitor or customer
-- column first_seen: first day with an event or an order
-- column last_seen: last such day
-- column orders: orders so far
-- column spend: their amount in won, refunds taken off
-- column last_order: day of the last order
-- column recency_days: days from the last order to the last day that counts
-- column active_days: days with an event or an order
-- column segment: champion (5 orders or more, the last within 30 days), loyal (2 to 4, within 30 days), new buyer (1, within 30 days), at risk (last order 31 to 60 days ago), lost (longer ago), browser (no order)
-- column as_of: last day that counts: the latest on which anybody was there
with spending as (
    select
        unit_id,
        count(*) as orders,
        sum(amount) as spend,
        max(day) as last_order
    from stg_orders
    group by unit_id
),

joined as (
    select
        activity.unit_id,
        activity.first_seen,
        activity.last_seen,
        activity.active_days,
        spending.last_order,
        max(activity.last_seen) over () as as_of,
        coalesce(spending.orders, 0) as orders,
        coalesce(spending.spend, 0) as spend
    from int_user_activity as activity
    left join spending on activity.unit_id = spending.unit_id
)

select
    unit_id,
    first_seen,
    last_seen,
    orders,
    spend,
    last_order,
    as_of - last_order as recency_days,
    active_days,
    case
        when orders = 0 then 'browser'
        when as_of - last_order > 60 then 'lost'
        when as_of - last_order > 30 then 'at_risk'
        when orders >= 5 then 'champion'
        when orders >= 2 then 'loyal'
        else 'new'
    end as segment,
    as_of
from joined
