-- Days that are over, without any event in their last six hours: what sends events stopped, or is far behind.
-- grain: one row a day
-- key: day
-- reads: zone_offset, raw_event
-- severity: warn
-- owner: analyst
-- action: See whether the products still send; build the day again when its events are in.
-- holds: nothing
-- forms: received
with newest as (
    select
        day,
        max(local_ms) as local_ms
    from raw_event
    group by day
),

days as (
    select cast(day as integer) as day
    from generate_series(
        case when %(is_whole)s then (select min(day) from newest) else %(first_day)s end,
        least(case when %(is_whole)s then (select max(day) from newest) else %(last_day)s end, %(today)s - 1)
    ) as day
)

select
    days.day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    round((cast(days.day + 1 as bigint) * 86400000 - newest.local_ms) / 3600000.0, 1) as silent_hours
from days
left join newest on days.day = newest.day
where newest.local_ms is null or newest.local_ms < (cast(days.day as bigint) * 24 + 18) * 3600000
