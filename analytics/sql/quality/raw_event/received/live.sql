-- Events as the shop and other products sent them, for the checks.
-- grain: one row an event
-- key: record
-- reads: experiment.experiments_event
-- column record: id of the event, or line of the file
-- column unit: who did it, as it was told
-- column at_ms: when it happened, in milliseconds since 1970
-- column received_ms: when it was received; empty where the form does not tell
-- column event: name in the event catalogue
-- column transaction: number of the order, as it was told
-- column tells_amount: whether the form tells amounts
-- column amount_minor: money in hundredths
-- column properties: what the event carries besides
select
    cast(event_id as text) as record,
    cast(unit_id as text) as unit,
    cast(floor(extract(epoch from occurred_at) * 1000) as bigint) as at_ms,
    cast(floor(extract(epoch from received_at) * 1000) as bigint) as received_ms,
    cast(name as text) as event,
    properties ->> 'order' as transaction,
    true as tells_amount,
    cast(round(amount * 100) as bigint) as amount_minor,
    properties
from experiment.experiments_event
where occurred_at >= %(since)s and occurred_at < %(until)s
