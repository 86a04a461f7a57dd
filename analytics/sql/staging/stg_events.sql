-- Events with their day and session; of copies one stays. A session begins with a visitor's first event of a day, and
-- after a gap of more than 30 minutes to the millisecond; so a day can be built without its neighbours. Days, visitors
-- and moments stand first, so that one sort serves the copies and the sessions.
-- grain: one row an event
-- key: visitor, at_ms, event, item, transaction, amount_minor, copy
-- reads: loaded_events, zone_offset
-- column visitor: number of the visitor
-- column at_ms: when it happened, in milliseconds since 1970
-- column item: number of the item, where the event names one
-- column transaction: number of the order, where the event names one
-- column amount_minor: money in hundredths
-- column day: days since 1970-01-01 in the dataset's zone
-- column session: number of the session within the visitor's day, from 1
-- column event: name in the event catalogue
with timed as (
    select
        loaded.visitor,
        loaded.at_ms,
        loaded.event,
        loaded.item,
        loaded.transaction,
        loaded.amount_minor,
        loaded.copy,
        cast(
            (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from loaded_events as loaded
    inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
),

told_once as (
    select distinct
        day,
        visitor,
        at_ms,
        event,
        item,
        transaction,
        amount_minor,
        copy
    from timed
    where day between %(first_day)s and %(last_day)s
),

placed as (
    select
        visitor,
        at_ms,
        item,
        transaction,
        amount_minor,
        day,
        event,
        case when at_ms - lag(at_ms) over (partition by day, visitor order by at_ms) <= 1800000 then 0 else 1 end
            as starts
    from told_once
)

select
    visitor,
    at_ms,
    item,
    transaction,
    amount_minor,
    day,
    cast(
        sum(starts) over (
            partition by day, visitor
            order by at_ms
            range between unbounded preceding and current row
        ) as integer
    ) as session,
    event
from placed
