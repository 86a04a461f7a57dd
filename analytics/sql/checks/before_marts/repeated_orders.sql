-- Orders that one unit reported several times under ids of their own. They count as one order, their amounts twice.
-- grain: one row a day and order
-- key: day, unit, transaction
-- reads: zone_offset, raw_event
-- severity: warn
-- owner: analyst
-- action: Let the sender use one id for an order's event however often it is sent.
-- holds: nothing
-- forms: received
select
    day,
    'purchase' as event,
    cast(null as bigint) as run_id,
    unit,
    transaction,
    count(*) as times
from raw_event
where event = 'purchase' and transaction is not null
group by day, unit, transaction
having count(*) > 1
