-- Sums per variant, bucket of first exposure and metric; of them follow all statistics of a run.
-- grain: one row a variant, bucket and metric; key: (variant_id, bucket, metric)
-- reads: experiments_exposure, experiments_event
-- A unit counts from its first exposure; one that saw two variants counts in neither. Only events of the unit at or
-- after its first exposure and before the stop count. Units without such an event add to ``units`` and to no sum.
with metric as (
    select
        metric_key,
        numerator_event,
        numerator_aggregation,
        denominator_event,
        denominator_aggregation
    from unnest(
        %(metrics)s::text [],
        %(numerator_events)s::text [],
        %(numerator_aggregations)s::text [],
        %(denominator_events)s::text [],
        %(denominator_aggregations)s::text []
    ) as given (metric_key, numerator_event, numerator_aggregation, denominator_event, denominator_aggregation)
),

-- A unit of several variants has none here. A filter in its place would make the planner expect a few units only.
unit as materialized (
    select
        unit_id,
        case when count(*) = 1 then min(variant_id) end as variant_id,
        min(exposed_at) as exposed_at,
        date_trunc(%(bucket)s, min(exposed_at), %(zone)s) as bucket
    from experiment.experiments_exposure
    where run_id = %(run_id)s and exposed_at < %(until)s
    group by unit_id
),

activity as materialized (
    select
        unit.variant_id,
        unit.bucket,
        event.unit_id,
        event.name,
        count(*) as events,
        coalesce(sum(event.amount), 0) as amount
    from experiment.experiments_event as event
    inner join unit on event.unit_id = unit.unit_id
    where
        event.name = any(%(names)s::text [])
        and event.occurred_at >= %(since)s
        and event.occurred_at < %(until)s
        and event.occurred_at >= unit.exposed_at
    group by unit.variant_id, unit.bucket, event.unit_id, event.name
),

per_unit as (
    select
        activity.variant_id,
        activity.bucket,
        metric.metric_key,
        sum(
            case
                when activity.name <> metric.numerator_event then 0
                when metric.numerator_aggregation = 'exists' then 1
                when metric.numerator_aggregation = 'count' then activity.events
                else activity.amount
            end
        ) as x,
        sum(
            case
                when activity.name <> metric.denominator_event then 0
                when metric.denominator_aggregation = 'exists' then 1
                when metric.denominator_aggregation = 'count' then activity.events
                else activity.amount
            end
        ) as y
    from activity
    inner join metric on activity.name in (metric.numerator_event, metric.denominator_event)
    group by activity.variant_id, activity.bucket, metric.metric_key, activity.unit_id
),

summed as (
    select
        variant_id,
        bucket,
        metric_key,
        sum(x) as x,
        sum(y) as y,
        sum(x * x) as xx,
        sum(y * y) as yy,
        sum(x * y) as xy
    from per_unit
    group by variant_id, bucket, metric_key
),

exposed as (
    select
        variant_id,
        bucket,
        count(*) as units
    from unit
    group by variant_id, bucket
)

select
    exposed.variant_id,
    exposed.bucket,
    metric.metric_key,
    exposed.units,
    coalesce(summed.x, 0) as x,
    coalesce(summed.y, 0) as y,
    coalesce(summed.xx, 0) as xx,
    coalesce(summed.yy, 0) as yy,
    coalesce(summed.xy, 0) as xy
from exposed
cross join metric
left join summed
    on
        exposed.variant_id = summed.variant_id
        and exposed.bucket = summed.bucket
        and metric.metric_key = summed.metric_key
where exposed.variant_id is not null
order by exposed.bucket, exposed.variant_id, metric.metric_key
