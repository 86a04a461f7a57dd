-- What units whose exposures changed had done so far, where they belonged.
-- grain: one row a unit and source; writes: pg_temp.step_activity; reads: pg_temp.step_unit, analytics_livetotal
insert into pg_temp.step_activity (run_id, sign, unit_id, arm, bucket, source, events, amount, delay)
select
    %(run_id)s,
    -1,
    unit.unit_id,
    unit.was_variant_id * %(strata)s + unit.was_region,
    greatest(
        date_trunc(%(grain)s, unit.was_exposed_at, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(unit.was_exposed_at, %(phase_starts)s::timestamptz [])]
    ),
    total.source,
    total.events,
    total.amount,
    total.delay
from pg_temp.step_unit as unit
inner join warehouse.analytics_livetotal as total
    on total.run_id = %(run_id)s and unit.unit_id = total.unit_id
where unit.run_id = %(run_id)s and unit.is_changed and unit.was_variant_id is not null
