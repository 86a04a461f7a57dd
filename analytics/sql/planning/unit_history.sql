-- Both sides of a metric for each unit of the weeks before an experiment: what a seed's balance is tested on.
-- grain: one row a unit, at most %(most)s; key: unit_id; reads: experiment.experiments_event, warehouse.simulation_historyevent
-- A unit counts from its first view of the page in the window (of any page where page is null), as an exposure would.
-- A window function finds that view: a join of the activity with itself was planned as a loop, and took a minute.
with activity as (
    select
        unit_id,
        name,
        occurred_at,
        amount,
        properties ->> 'page' as page
    from experiment.experiments_event
    where
        occurred_at >= %(since)s and occurred_at < %(until)s
        and name in ('page_view', %(numerator_event)s, %(denominator_event)s)
    union all
    select
        unit_id,
        name,
        occurred_at,
        amount,
        properties ->> 'page' as page
    from warehouse.simulation_historyevent
    where
        occurred_at >= %(since)s and occurred_at < %(until)s
        and name in ('page_view', %(numerator_event)s, %(denominator_event)s)
),

since_view as (
    select
        activity.*,
        min(occurred_at) filter (
            where name = 'page_view' and (%(page)s::text is null or page = %(page)s)
        ) over (partition by unit_id) as since
    from activity
)

select
    unit_id,
    case %(numerator_aggregation)s
        when 'exists' then least(count(*) filter (where name = %(numerator_event)s), 1)
        when 'count' then count(*) filter (where name = %(numerator_event)s)
        else coalesce(sum(amount) filter (where name = %(numerator_event)s), 0)
    end::double precision as top,
    case %(denominator_aggregation)s
        when 'exists' then least(count(*) filter (where name = %(denominator_event)s), 1)
        when 'count' then count(*) filter (where name = %(denominator_event)s)
        else coalesce(sum(amount) filter (where name = %(denominator_event)s), 0)
    end::double precision as below
from since_view
where occurred_at >= since
group by unit_id
order by unit_id
limit %(most)s
