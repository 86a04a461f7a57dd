-- Events of the simulated history, for the checks.
-- grain: one row an event
-- key: record
-- reads: warehouse.simulation_historyevent
select
    cast(event_id as text) as record,
    cast(unit_id as text) as unit,
    cast(floor(extract(epoch from occurred_at) * 1000) as bigint) as at_ms,
    cast(null as bigint) as received_ms,
    cast(name as text) as event,
    properties ->> 'order' as transaction,
    true as tells_amount,
    cast(round(amount * 100) as bigint) as amount_minor,
    properties
from warehouse.simulation_historyevent
where occurred_at >= %(since)s and occurred_at < %(until)s
