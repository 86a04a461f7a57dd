-- Moments of a metric between units: what planning needs to know before an experiment.
-- grain: one row; reads: experiment.experiments_event
-- A unit counts from its first view of the page in the window (of any page where page is null), as an exposure would.
with eligible as (
    select
        unit_id,
        min(occurred_at) as since
    from experiment.experiments_event
    where
        occurred_at >= %(since)s and occurred_at < %(until)s
        and name = 'page_view'
        and (%(page)s::text is null or properties ->> 'page' = %(page)s)
    group by unit_id
),

sides as (
    select
        eligible.unit_id,
        count(*) filter (where event.name = %(numerator_event)s) as numerator_count,
        coalesce(sum(event.amount) filter (where event.name = %(numerator_event)s), 0) as numerator_sum,
        count(*) filter (where event.name = %(denominator_event)s) as denominator_count,
        coalesce(sum(event.amount) filter (where event.name = %(denominator_event)s), 0) as denominator_sum
    from eligible
    left join experiment.experiments_event as event
        on
            event.unit_id = eligible.unit_id
            and event.occurred_at >= eligible.since and event.occurred_at < %(until)s
            and event.name in (%(numerator_event)s, %(denominator_event)s)
    group by eligible.unit_id
),

per_unit as (
    select
        case %(numerator_aggregation)s
            when 'exists' then least(numerator_count, 1)
            when 'count' then numerator_count
            else numerator_sum
        end::double precision as top,
        case %(denominator_aggregation)s
            when 'exists' then least(denominator_count, 1)
            when 'count' then denominator_count
            else denominator_sum
        end::double precision as below
    from sides
)

select
    count(*) as units,
    coalesce(avg(top), 0) as mean,
    coalesce(var_samp(top), 0) as variance,
    coalesce(avg(below), 0) as below,
    coalesce(var_samp(below), 0) as below_variance,
    coalesce(covar_samp(top, below), 0) as covariance
from per_unit
