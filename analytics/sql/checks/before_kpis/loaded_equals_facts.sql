-- Days whose facts are not the loaded events without their copies.
-- The day that goes on is left out: it grows while it is built.
-- grain: one row a day
-- key: day
-- reads: zone_offset, loaded_events, fact_events
-- severity: block
-- owner: admin
-- action: Build the day again; events that came while it was built are in then.
-- holds: kpis, exports, decisions
with staged as (
    select
        day,
        count(*) as events
    from (
        select distinct
            cast(
                (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
            ) as day,
            loaded.visitor,
            loaded.at_ms,
            loaded.event,
            loaded.item,
            loaded.transaction,
            loaded.amount_minor,
            loaded.copy
        from loaded_events as loaded
        inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
    ) as placed
    where day between %(first_day)s and %(last_day)s
    group by day
),

kept as (
    select
        day,
        count(*) as events
    from fact_events
    where day between %(first_day)s and %(last_day)s
    group by day
)

select
    coalesce(staged.day, kept.day) as day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    coalesce(staged.events, 0) as staged,
    coalesce(kept.events, 0) as facts
from staged
full outer join kept on staged.day = kept.day
where coalesce(staged.day, kept.day) < %(today)s and coalesce(staged.events, 0) <> coalesce(kept.events, 0)
