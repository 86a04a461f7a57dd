-- What the units of a followed run did that counts, as their totals have it.
-- grain: one row a unit and source; key: (unit_id, source); reads: unit, analytics_livetotal
select
    unit.arm,
    unit.bucket,
    unit.unit_id,
    total.source,
    total.events,
    total.amount,
    total.delay
from warehouse.analytics_livetotal as total
inner join unit on total.unit_id = unit.unit_id
inner join unnest(%(source_exposed_before)s::timestamptz []) with ordinality as due (exposed_before, source)
    on total.source = due.source
where
    total.run_id = %(run_id)s
    and total.source = any(%(part_sources)s::bigint [])
    and (due.exposed_before is null or unit.exposed_at <= due.exposed_before)
