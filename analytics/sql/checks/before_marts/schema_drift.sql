-- Properties that the event catalogue does not declare for their event, or of another type than it declares.
-- grain: one row a day, event, property and type
-- key: day, event, property, type
-- reads: zone_offset, raw_event, declared_property
-- severity: warn
-- owner: analyst
-- action: Declare the property in a new version of the event, or mend what sends it.
-- holds: nothing
-- forms: received
select
    raw_event.day,
    raw_event.event,
    cast(null as bigint) as run_id,
    given.name as property,
    jsonb_typeof(given.value) as type,
    coalesce(declared.type, 'undeclared') as declared,
    count(*) as events,
    min(raw_event.record) as one_record
from raw_event
cross join lateral jsonb_each(raw_event.properties) as given (name, value)
left join declared_property as declared on raw_event.event = declared.event and given.name = declared.name
where
    raw_event.received_ms is not null
    and (
        declared.name is null
        or jsonb_typeof(given.value) <> case declared.type
            when 'integer' then 'number' when 'number' then 'number' when 'boolean' then 'boolean' else 'string'
        end
        or (declared.type = 'integer' and trunc(cast(given.value #>> '{}' as numeric)) <> cast(given.value #>> '{}' as numeric))
    )
group by raw_event.day, raw_event.event, given.name, jsonb_typeof(given.value), declared.type
