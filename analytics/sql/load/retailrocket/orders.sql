-- Lines of orders of a log in RetailRocket's form; the log tells no amount.
-- grain: one row a line of events.csv with a transaction
-- key: none, an order has several lines
-- reads: warehouse.analytics_rawretailrocketevent
select
    visitor,
    at_ms,
    transaction,
    1 as orders,
    cast(0 as bigint) as amount_minor
from warehouse.analytics_rawretailrocketevent
where
    dataset_id = %(dataset_id)s and event = 'transaction'
    and at_ms >= %(from_ms)s and at_ms < %(until_ms)s
    and (%(shards)s = 1 or abs(mod(visitor, %(shards)s) - %(shard)s) < 1)
