-- Events received more than a day after they happened, counted by hour: a clock that is wrong, or a late batch.
-- grain: one row a day, event and hour
-- key: day, event, hour
-- reads: zone_offset, raw_event
-- severity: warn
-- owner: analyst
-- action: Ask the sender whether a batch was late; if not, set its clock.
-- holds: nothing
-- forms: received
select
    day,
    event,
    cast(null as bigint) as run_id,
    mod(local_ms, 86400000) / 3600000 as hour,
    count(*) as events,
    max(received_ms - at_ms) / 3600000 as latest_hours,
    min(record) as one_record
from raw_event
where received_ms - at_ms > 86400000
group by day, event, mod(local_ms, 86400000) / 3600000
