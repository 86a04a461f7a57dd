-- Purchases without the number of their order, or without a sensible amount where the form tells amounts.
-- grain: one row an event
-- key: record
-- reads: zone_offset, raw_event
-- severity: block
-- owner: analyst
-- action: Compare with the book of orders and mend what sends purchases; revenue is wrong until then.
-- holds: kpis, exports, decisions
select
    day,
    event,
    cast(null as bigint) as run_id,
    record,
    unit,
    transaction,
    amount_minor
from raw_event
where
    event = 'purchase'
    and (coalesce(transaction, '') = '' or (tells_amount and coalesce(amount_minor, -1) < 0))
