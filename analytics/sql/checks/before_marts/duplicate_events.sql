-- Events that are alike in everything but their id: sent twice under new ids.
-- grain: one row a set of events that are alike
-- key: day, event, unit, at_ms
-- reads: zone_offset, raw_event
-- severity: warn
-- owner: analyst
-- action: Let the sender keep an event's id when it sends again.
-- holds: nothing
-- forms: received
select
    day,
    event,
    cast(null as bigint) as run_id,
    unit,
    at_ms,
    count(*) as times,
    min(record) as one_record,
    max(record) as other_record
from raw_event
group by day, event, unit, at_ms, amount_minor, properties
having count(*) > 1
