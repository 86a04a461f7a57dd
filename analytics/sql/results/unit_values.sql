-- What each unit's events come to on each metric: numerator x and denominator y, and for CUPED the same of the days
-- before the exposure, u and v. A unit without any event that counts has no row: it adds to no sum.
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
    select
        arm,
        bucket,
        metric,
        sum(case when side = 'x' then value else 0 end) as x,
        sum(case when side = 'y' then value else 0 end) as y,
        sum(case when side = 'u' then value else 0 end) as u,
        sum(case when side = 'v' then value else 0 end) as v
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
    case when %(capped)s then least(u, (%(fixed_caps)s::numeric [])[metric]) else u end as u,
    v
from sided
