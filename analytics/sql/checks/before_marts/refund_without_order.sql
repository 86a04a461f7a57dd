-- Refunds of orders that nobody placed. The simulated history, whose refunds follow its own orders, is left out.
-- grain: one row an event
-- key: record
-- reads: zone_offset, raw_event, raw_purchase
-- severity: block
-- owner: analyst
-- action: Send the missing purchase, or mend the order's number in what sends refunds.
-- holds: kpis, exports, decisions
-- forms: received
select
    refund.day,
    refund.event,
    cast(null as bigint) as run_id,
    refund.record,
    refund.unit,
    refund.transaction,
    refund.amount_minor
from raw_event as refund
-- Counted for each refund by itself: refunds are few and the unit's purchases have an index.
cross join lateral (
    select count(*) as orders
    from raw_purchase as bought
    where bought.unit = refund.unit and bought.transaction = refund.transaction
) as found
where refund.event = 'refund' and refund.received_ms is not null and found.orders = 0
