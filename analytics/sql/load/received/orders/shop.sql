-- Orders of the shop's own book, and what was paid back of them on the day it was.
-- grain: one row an order or refund
-- key: visitor, transaction, orders
-- reads: warehouse.storefront_order, warehouse.storefront_refund, warehouse.analytics_namekey
-- column visitor: number of the unit
-- column at_ms: when it was placed or paid back, in milliseconds since 1970
-- column transaction: number of the order's text
-- column orders: 1 for an order, 0 for a refund
-- column amount_minor: money in hundredths, negative for a refund
select
    visitor.number as visitor,
    cast(floor(extract(epoch from booked.at) * 1000) as bigint) as at_ms,
    hashtextextended(booked.number, 0) as transaction,
    booked.orders,
    cast(booked.amount as bigint) * 100 as amount_minor
from (
    select
        number,
        unit_id,
        placed_at as at,
        1 as orders,
        total as amount
    from warehouse.storefront_order
    union all
    select
        placed.number,
        placed.unit_id,
        refund.requested_at,
        0,
        -refund.amount
    from warehouse.storefront_refund as refund
    inner join warehouse.storefront_order as placed on refund.order_id = placed.number
) as booked
inner join warehouse.analytics_namekey as visitor
    on visitor.dataset_id = %(dataset_id)s and visitor.kind = 'visitor' and booked.unit_id = visitor.name
where
    booked.at >= %(since)s and booked.at < %(until)s
    and (%(shards)s = 1 or abs(mod(visitor.number, %(shards)s) - %(shard)s) < 1)
