-- Orders of the simulated customers; a refunded one counts with nothing.
-- grain: one row an order
-- key: visitor, transaction, orders
-- reads: warehouse.simulation_customerorder, warehouse.simulation_customer, warehouse.analytics_namekey
select
    visitor.number as visitor,
    cast(floor(extract(epoch from placed.placed_at) * 1000) as bigint) as at_ms,
    hashtextextended(placed.number, 0) as transaction,
    1 as orders,
    case when placed.refunded then 0 else cast(placed.amount as bigint) * 100 end as amount_minor
from warehouse.simulation_customerorder as placed
inner join warehouse.simulation_customer as customer on placed.customer_id = customer.number
inner join warehouse.analytics_namekey as visitor
    on visitor.dataset_id = %(dataset_id)s and visitor.kind = 'visitor' and customer.unit_id = visitor.name
where
    placed.placed_at >= %(since)s and placed.placed_at < %(until)s
    and (%(shards)s = 1 or abs(mod(visitor.number, %(shards)s) - %(shard)s) < 1)
