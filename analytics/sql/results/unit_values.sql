-- What each unit's events come to on each metric: numerator x and denominator y, and for CUPED the same of the days
-- before the exposure, u and v. A unit without any event that counts has no row: it adds to no sum.
-- grain: one row a unit and metric; key: (unit_id, metric); reads: unit, event
-- A source is a set of events of one name (filters, time from the exposure); a part says which side of which metric a
-- source becomes, and how. The flags are bound, so that the planner drops what no metric of the run needs.
with source as (
    select
        ordinality as source,
        name,
        path,
        variables,
        property,
        opens,
        closes,
        exposed_before
    from unnest(
        %(source_names)s::text [],
        %(source_paths)s::jsonpath [],
        %(source_variables)s::jsonb [],
        %(source_properties)s::text [],
        %(source_opens)s::interval [],
        %(source_closes)s::interval [],
        %(source_exposed_before)s::timestamptz []
    ) with ordinality as given (name, path, variables, property, opens, closes, exposed_before, ordinality)
),

part as (
    select *
    from unnest(
        %(part_sources)s::bigint [],
        %(part_metrics)s::integer [],
        %(part_sides)s::text [],
        %(part_aggregations)s::text []
    ) as given (source, metric, side, aggregation)
),

activity as materialized (
    select
        unit.arm,
        unit.bucket,
        event.unit_id,
        source.source,
        count(*) as events,
        coalesce(
            sum(
                case
                    when %(propertied)s and source.property is not null
                        then case
                            when jsonb_typeof(event.properties -> source.property) = 'number'
                                then (event.properties ->> source.property)::numeric
                        end
                    else event.amount
                end
            ), 0
        ) as amount,
        min(case when %(timed)s then event.occurred_at - unit.exposed_at end) as delay
    from event
    inner join unit on event.unit_id = unit.unit_id
    inner join source on event.name = source.name
    where
        event.name = any(%(names)s::text [])
        and event.occurred_at >= %(since)s
        and event.occurred_at < %(until)s
        and (%(windowed)s or event.occurred_at >= unit.exposed_at)
        and (
            not %(windowed)s
            or event.occurred_at >= unit.exposed_at + source.opens
            and (source.closes is null or event.occurred_at < unit.exposed_at + source.closes)
            and (source.exposed_before is null or unit.exposed_at <= source.exposed_before)
        )
        and (
            not %(paused)s
            or source.opens < '0'
            or not event.occurred_at <@ %(pauses)s::tstzmultirange
        )
        and (
            not %(filtered)s
            or source.path is null
            or jsonb_path_match(
                event.properties || jsonb_build_object('amount', event.amount), source.path, source.variables, true
            ) is true
        )
    group by unit.arm, unit.bucket, event.unit_id, source.source
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
    from activity
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
