-- Events that say they happened after they were received, by more than five minutes; of imports, after now.
-- grain: one row an event
-- key: record
-- reads: zone_offset, raw_event
-- severity: block
-- owner: analyst
-- action: Set the sender's clock; its events are in the wrong days until they are sent again.
-- holds: exports, decisions
select
    day,
    event,
    cast(null as bigint) as run_id,
    record,
    unit,
    at_ms,
    received_ms
from raw_event
where at_ms > coalesce(received_ms, %(now_ms)s) + 300000
