-- Events with their day and session; of copies one stays. A session begins with a visitor's first event of a day, and
-- after a gap of more than 30 minutes to the millisecond; so a day can be built without its neighbours. One sort serves
-- both: copies stand side by side in it, and a copy begins no session.
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

placed as (
    select
        visitor,
        at_ms,
        item,
        transaction,
        amount_minor,
        day,
        event,
        copy,
        case when at_ms - lag(at_ms) over events <= 1800000 then 0 else 1 end as starts,
        case
            when
                lag(at_ms) over events = at_ms
                and lag(event) over events = event
                and lag(copy) over events = copy
                and lag(item) over events is not distinct from item
                and lag(transaction) over events is not distinct from transaction
                and lag(amount_minor) over events is not distinct from amount_minor
                then 1
            else 0
        end as repeats
    from timed
    where day between %(first_day)s and %(last_day)s
    window events as (partition by day, visitor order by at_ms, event, item, transaction, amount_minor, copy)
),

numbered as (
    select
        visitor,
        at_ms,
        item,
        transaction,
        amount_minor,
        day,
        event,
        repeats,
        cast(
            sum(starts) over (
                partition by day, visitor
                order by at_ms, event, item, transaction, amount_minor, copy
                rows between unbounded preceding and current row
            ) as integer
        ) as session
    from placed
)

select
    visitor,
    at_ms,
    item,
    transaction,
    amount_minor,
    day,
    session,
    event
from numbered
where repeats = 0
