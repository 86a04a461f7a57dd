-- Units first seen on the page on each whole day of the window, oldest first.
-- grain: one row a day, days without units too; reads: experiment.experiments_event, warehouse.simulation_historyevent
with views as (
    select
        unit_id,
        occurred_at
    from experiment.experiments_event
    where
        occurred_at >= %(since)s and occurred_at < %(until)s
        and name = 'page_view'
        and (%(page)s::text is null or properties ->> 'page' = %(page)s)
        and (%(units)s::text [] is null or unit_id = any(%(units)s::text []))
    union all
    select
        unit_id,
        occurred_at
    from warehouse.simulation_historyevent
    where
        occurred_at >= %(since)s and occurred_at < %(until)s
        and name = 'page_view'
        and (%(page)s::text is null or properties ->> 'page' = %(page)s)
        and (%(units)s::text [] is null or unit_id = any(%(units)s::text []))
),

first_views as (
    select
        unit_id,
        min(occurred_at) as since
    from views
    group by unit_id
),

per_day as (
    select
        floor(extract(epoch from since - %(since)s::timestamptz) / 86400)::integer as day,
        count(*) as new_units
    from first_views
    group by 1
),

bounds as (
    select
        min(day) as first_day,
        floor(extract(epoch from %(until)s::timestamptz - %(since)s::timestamptz) / 86400)::integer - 1 as last_day
    from per_day
)

select coalesce(per_day.new_units, 0) as new_units
from bounds
cross join generate_series(bounds.first_day, bounds.last_day) as days (day)
left join per_day on days.day = per_day.day
order by days.day
