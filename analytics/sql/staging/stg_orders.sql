-- Orders and refunds with their day; the lines of one order are one order.
-- grain: one row an order or refund
-- key: visitor, day, transaction, orders
-- reads: loaded_orders, zone_offset
-- column visitor: number of the visitor
-- column day: days since 1970-01-01 in the dataset's zone
-- column transaction: number of the order
-- column orders: 1 for an order, 0 for a refund
-- column amount_minor: money in hundredths, negative for a refund
with timed as (
    select
        loaded.visitor,
        loaded.transaction,
        loaded.orders,
        loaded.amount_minor,
        cast(
            (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from loaded_orders as loaded
    inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
)

select
    visitor,
    day,
    transaction,
    orders,
    cast(sum(amount_minor) as bigint) as amount_minor
from timed
where day between %(first_day)s and %(last_day)s
group by visitor, day, transaction, orders
