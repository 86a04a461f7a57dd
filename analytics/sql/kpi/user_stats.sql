-- What each visitor ordered so far, and what that says about them, as of the last day on which anybody was there.
-- grain: one row a visitor
-- key: visitor
-- reads: dim_visitor
-- writes: warehouse.analytics_userstat always (a view)
-- column visitor: number of the visitor
-- column orders: booked orders so far
-- column spend_minor: their amount in hundredths, refunds taken off
-- column first_day: first day with an event or a booked order, in days since 1970-01-01
-- column last_day: last such day
-- column active_days: such days
-- column last_order_day: day of the last booked order; empty without one
-- column recency_days: days from it to the last day that counts
-- column segment: champion (5 orders or more, the last within 30 days), loyal (2 to 4, within 30 days), new buyer (1, within 30 days), at risk (last order 31 to 60 days ago), lost (longer ago), browser (no order)
-- column as_of_day: last day that counts: the latest on which anybody was there
select
    visitor.visitor,
    visitor.orders,
    visitor.spend_minor,
    visitor.first_day,
    visitor.last_day,
    visitor.active_days,
    visitor.last_order_day,
    latest.as_of_day - visitor.last_order_day as recency_days,
    case
        when visitor.orders = 0 then 'browser'
        when latest.as_of_day - visitor.last_order_day > 60 then 'lost'
        when latest.as_of_day - visitor.last_order_day > 30 then 'at_risk'
        when visitor.orders >= 5 then 'champion'
        when visitor.orders >= 2 then 'loyal'
        else 'new'
    end as segment,
    latest.as_of_day
from dim_visitor as visitor
cross join (select max(last_day) as as_of_day from dim_visitor) as latest
