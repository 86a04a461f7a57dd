-- Numbers of orders under which several units bought: an order is one unit's.
-- grain: one row a day and order
-- key: day, transaction
-- reads: zone_offset, raw_event
-- severity: block
-- owner: analyst
-- action: Find out which unit placed the order; two senders give the same numbers, or units are mixed up.
-- holds: kpis, exports, decisions
with bought as (
    select
        transaction,
        day,
        unit
    from raw_event
    where event = 'purchase' and transaction is not null
    group by transaction, day, unit
),

shared as (
    select
        transaction,
        count(distinct unit) as units,
        min(unit) as one_unit,
        max(unit) as other_unit
    from bought
    group by transaction
    having count(distinct unit) > 1
)

select distinct
    bought.day,
    'purchase' as event,
    cast(null as bigint) as run_id,
    shared.transaction,
    shared.units,
    shared.one_unit,
    shared.other_unit
from shared
inner join bought on shared.transaction = bought.transaction
