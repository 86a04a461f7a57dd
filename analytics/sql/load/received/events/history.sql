-- What visitors did before the first experiment, from the simulated history.
-- grain: one row an event
-- key: copy
-- reads: warehouse.simulation_historyevent, warehouse.analytics_namekey
-- column visitor: number of the unit
-- column at_ms: when it happened, in milliseconds since 1970
-- column event: name in the event catalogue
-- column item: number of the restaurant, where the event names one
-- column transaction: number of the order's text, told apart within a visitor's day
-- column amount_minor: money of the event in hundredths
-- column copy: tells events apart that are otherwise alike
select
    visitor.number as visitor,
    cast(floor(extract(epoch from event.occurred_at) * 1000) as bigint) as at_ms,
    event.name as event,
    item.number as item,
    hashtextextended(event.properties ->> 'order', 0) as transaction,
    cast(round(event.amount * 100) as bigint) as amount_minor,
    hashtextextended(cast(event.event_id as text), 0) as copy
from warehouse.simulation_historyevent as event
inner join warehouse.analytics_namekey as visitor
    on visitor.dataset_id = %(dataset_id)s and visitor.kind = 'visitor' and event.unit_id = visitor.name
left join warehouse.analytics_namekey as item
    on
        item.dataset_id = %(dataset_id)s and item.kind = 'item'
        and coalesce(
            event.properties ->> 'restaurant',
            case
                when event.name = 'click' and event.properties ->> 'page' = 'restaurant'
                    then event.properties ->> 'target'
            end
        ) = item.name
where
    event.occurred_at >= %(since)s and event.occurred_at < %(until)s
    and (%(shards)s = 1 or abs(mod(visitor.number, %(shards)s) - %(shard)s) < 1)
