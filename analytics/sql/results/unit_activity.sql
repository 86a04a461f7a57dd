-- What each unit did that counts: events by source, from its first exposure on, and for CUPED in the days before.
-- grain: one row a unit and source; key: (unit_id, source); reads: unit, event
-- A source is a set of events of one name (filters, time from the exposure). The flags are bound, so that the planner
-- drops what no metric of the run needs.
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
)

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
