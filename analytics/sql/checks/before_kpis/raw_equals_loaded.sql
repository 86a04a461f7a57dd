-- Days that hold another number of events after loading than were received: events were lost on the way, or doubled.
-- The day that goes on is left out: it grows while it is built.
-- grain: one row a day
-- key: day
-- reads: zone_offset, raw_event, loaded_events
-- severity: block
-- owner: admin
-- action: Build the day again. If it stays, units lack their numbers: look at the stage "names" of the build.
-- holds: kpis, exports, decisions
with received as (
    select
        day,
        count(*) as events
    from raw_event
    group by day
),

typed as (
    select
        day,
        count(*) as events
    from (
        select
            cast(
                (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
            ) as day
        from loaded_events as loaded
        inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
    ) as placed
    where day between %(first_day)s and %(last_day)s
    group by day
)

select
    coalesce(received.day, typed.day) as day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    coalesce(received.events, 0) as received,
    coalesce(typed.events, 0) as loaded
from received
full outer join typed on received.day = typed.day
where coalesce(received.day, typed.day) < %(today)s and coalesce(received.events, 0) <> coalesce(typed.events, 0)
