-- What each unit's events come to on each metric: numerator x and denominator y, and for CUPED the same of the days
-- before the exposure, u and v, which are null where there is none. A unit without any event that counts has no row: it
-- adds to no sum.
-- grain: one row a unit and metric; key: (unit_id, metric); reads: unit_activity
-- A part says which side of which metric a source of events becomes, and how.
with part as (
    select *
    from unnest(
        %(part_sources)s::bigint [],
        %(part_metrics)s::integer [],
        %(part_sides)s::text [],
        %(part_aggregations)s::text []
    ) as given (source, metric, side, aggregation)
),

part_value as (
    select
        activity.arm,
        activity.bucket,
        activity.unit_id,
        part.metric,
        part.side,
        case part.aggregation
            when 'exists' then 1
            when 'count' then activity.events
            when 'sum' then activity.amount
            when 'once' then (activity.events = 1)::integer
            when 'repeat' then (activity.events > 1)::integer
            when 'hours' then extract(epoch from activity.delay) / 3600
        end as value
    from unit_activity as activity
    inner join part on activity.source = part.source
),

sided as (
    -- A side of a metric is of one source, so that each of these is one value: max finds it quicker than a sum.
    select
        arm,
        bucket,
        metric,
        coalesce(max(value) filter (where side = 'x'), 0) as x,
        coalesce(max(value) filter (where side = 'y'), 0) as y,
        max(value) filter (where side = 'u') as u,
        max(value) filter (where side = 'v') as v
    from part_value
    group by arm, bucket, metric, unit_id
)

select
    arm,
    bucket,
    metric,
    case
        when %(funnelled)s and (%(funnels)s::boolean [])[metric] then least(x, y)
        when %(capped)s then least(x, (%(caps)s::numeric [])[metric])
        else x
    end as x,
    y,
    case when %(capped)s and u > (%(fixed_caps)s::numeric [])[metric] then (%(fixed_caps)s::numeric [])[metric] else u end
        as u,
    v
from sided
