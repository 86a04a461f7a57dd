-- Days with far more or far fewer events than the same weekday had in the eight weeks before: beyond half the median,
-- and beyond five times the spread (median of absolute deviations, scaled). Days with less than four to compare pass.
-- grain: one row a day
-- key: day
-- reads: warehouse.analytics_builtday
-- severity: warn
-- owner: analyst
-- action: Look for an outage, a doubled sender or a campaign; a holiday explains it, too.
-- holds: nothing
with days as (
    select
        day,
        events
    from warehouse.analytics_builtday
    where dataset_id = %(dataset_id)s
),

pairs as (
    select
        days.day,
        days.events,
        earlier.events as before
    from days
    inner join days as earlier on earlier.day between days.day - 56 and days.day - 7 and mod(days.day - earlier.day, 7) = 0
    where days.day between %(first_day)s and %(last_day)s and days.day < %(today)s
),

usual as (
    select
        day,
        events,
        percentile_cont(0.5) within group (order by before) as median
    from pairs
    group by day, events
    having count(*) >= 4
),

spread as (
    select
        usual.day,
        usual.events,
        usual.median,
        1.4826 * percentile_cont(0.5) within group (order by abs(pairs.before - usual.median)) as deviation
    from usual
    inner join pairs on usual.day = pairs.day
    group by usual.day, usual.events, usual.median
)

select
    day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    events,
    cast(median as bigint) as usual,
    cast(greatest(5 * deviation, 0.5 * median) as bigint) as allowed
from spread
where abs(events - median) > greatest(5 * deviation, 0.5 * median)
