-- Impressions of the Open Bandit log; it names no visitors, so each line is one of its own.
-- grain: one row a line
-- key: visitor
-- reads: warehouse.analytics_rawopenbanditimpression
select
    line as visitor,
    at_ms,
    'impression' as event,
    item,
    cast(null as bigint) as transaction,
    cast(null as bigint) as amount_minor,
    cast(0 as bigint) as copy
from warehouse.analytics_rawopenbanditimpression
where
    dataset_id = %(dataset_id)s
    and at_ms >= %(from_ms)s and at_ms < %(until_ms)s
    and (%(shards)s = 1 or abs(mod(line, %(shards)s) - %(shard)s) < 1)
