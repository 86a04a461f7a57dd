-- Visitors over all their days. The first day is stored, so that a cohort need not search for it.
-- grain: one row a visitor
-- key: visitor
-- reads: touched_days
-- writes: warehouse.analytics_dimvisitor by visitor
-- column visitor: number of the visitor
-- column orders: booked orders so far
-- column spend_minor: their amount in hundredths, refunds taken off
-- column first_day: first day with an event or a booked order, in days since 1970-01-01
-- column last_day: last such day
-- column active_days: such days
-- column first_purchase_day: day of the first order, by the purchase events; empty without one
-- column last_order_day: day of the last booked order; empty without one
select
    days.visitor,
    cast(sum(days.booked_orders) as bigint) as orders,
    cast(sum(days.booked_minor) as bigint) as spend_minor,
    min(days.day) as first_day,
    max(days.day) as last_day,
    cast(count(*) as integer) as active_days,
    min(case when days.orders > 0 then days.day end) as first_purchase_day,
    max(case when days.booked_orders > 0 then days.day end) as last_order_day
from touched_days as days
group by days.visitor
order by first_day
