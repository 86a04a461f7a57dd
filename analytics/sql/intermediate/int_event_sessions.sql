-- Events with the number of their session within unit and day: 30 minutes of silence begin a new one, and so does
-- midnight in the reporting zone, so that building one day alone gives the same as building all.
-- grain: one row an event
-- key: unit_id, day, session, occurred_at, name
-- reads: stg_events
select
    unit_id,
    day,
    name,
    occurred_at,
    amount,
    sum(starts) over (
        partition by unit_id, day
        order by occurred_at
        rows between unbounded preceding and current row
    ) as session
from (
    select
        unit_id,
        day,
        name,
        occurred_at,
        amount,
        case
            when occurred_at - lag(occurred_at) over (partition by unit_id, day order by occurred_at)
                <= interval '30 minutes' then 0
            else 1
        end as starts
    from stg_events
) as gaps
