-- Events whose name the event catalogue does not know: nobody can say what they count as.
-- grain: one row an event
-- key: record
-- reads: zone_offset, raw_event, known_event
-- severity: block
-- owner: analyst
-- action: Declare the event in the event catalogue, or mend what sends it; then run the check again.
-- holds: marts, kpis, exports, decisions
select
    day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    record,
    unit,
    raw_event.event as name
from raw_event
where not exists (select 1 from known_event where known_event.name = raw_event.event)
