-- Events without a unit or a name: they belong to nobody.
-- grain: one row an event
-- key: record
-- reads: zone_offset, raw_event
-- severity: block
-- owner: analyst
-- action: Find the sender by the event's id, mend it, and send the events again with their units.
-- holds: marts, kpis, exports, decisions
select
    day,
    nullif(event, '') as event,
    cast(null as bigint) as run_id,
    record,
    unit
from raw_event
where coalesce(unit, '') = '' or coalesce(event, '') = ''
