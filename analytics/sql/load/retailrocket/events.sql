-- Events of a log in RetailRocket's form under the names of the event catalogue; rows that are alike are copies.
-- grain: one row a line of events.csv
-- key: none, copies are still there
-- reads: warehouse.analytics_rawretailrocketevent
select
    visitor,
    at_ms,
    case event when 'view' then 'page_view' when 'addtocart' then 'add_to_cart' else 'purchase' end as event,
    item,
    transaction,
    cast(null as bigint) as amount_minor,
    cast(0 as bigint) as copy
from warehouse.analytics_rawretailrocketevent
where
    dataset_id = %(dataset_id)s
    and at_ms >= %(from_ms)s and at_ms < %(until_ms)s
    and (%(shards)s = 1 or abs(mod(visitor, %(shards)s) - %(shard)s) < 1)
