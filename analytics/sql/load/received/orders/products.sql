-- Orders and refunds of other products, by their events: what the shop's own book does not hold.
-- grain: one row an event
-- key: visitor, transaction, orders
-- reads: experiment.experiments_event, warehouse.storefront_order, warehouse.analytics_namekey
select
    visitor.number as visitor,
    cast(floor(extract(epoch from event.occurred_at) * 1000) as bigint) as at_ms,
    hashtextextended(coalesce(event.properties ->> 'order', cast(event.event_id as text)), 0) as transaction,
    case event.name when 'purchase' then 1 else 0 end as orders,
    cast(round(coalesce(event.amount, 0) * 100) as bigint) * case event.name when 'purchase' then 1 else -1 end
        as amount_minor
from experiment.experiments_event as event
inner join warehouse.analytics_namekey as visitor
    on visitor.dataset_id = %(dataset_id)s and visitor.kind = 'visitor' and event.unit_id = visitor.name
where
    event.name in ('purchase', 'refund')
    and event.occurred_at >= %(since)s and event.occurred_at < %(until)s
    and (%(shards)s = 1 or abs(mod(visitor.number, %(shards)s) - %(shard)s) < 1)
    and not exists (
        select 1
        from warehouse.storefront_order as placed
        where placed.number = event.properties ->> 'order'
    )
