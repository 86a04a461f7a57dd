-- Events as everything after them reads them, with the category that the event's item had on that day.
-- grain: one row an event
-- key: visitor, at_ms, event, item, transaction; events of one moment may be alike where their ids differ
-- reads: stg_events, dim_item
-- writes: warehouse.analytics_factevent by day
-- column visitor: number of the visitor
-- column at_ms: when it happened, in milliseconds since 1970
-- column item: number of the item, where the event names one
-- column category: number of the item's category; -1 where none was known on the day; empty without an item
-- column transaction: number of the order, where the event names one
-- column amount_minor: money in hundredths
-- column day: days since 1970-01-01 in the dataset's zone
-- column session: number of the session within the visitor's day, from 1
-- column event: name in the event catalogue
select
    event.visitor,
    event.at_ms,
    event.item,
    case when event.item is not null then coalesce(item.category, -1) end as category,
    event.transaction,
    event.amount_minor,
    event.day,
    event.session,
    event.event
from stg_events as event
left join dim_item as item
    on event.item = item.item and event.day >= item.from_day and event.day < item.until_day
