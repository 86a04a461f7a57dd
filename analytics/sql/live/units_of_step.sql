-- Units of a run that the step concerns: those whose exposures changed, or those where they did not.
-- grain: one row a unit; key: unit_id; reads: pg_temp.step_unit
select
    unit_id,
    variant_id * %(strata)s + region as arm,
    exposed_at,
    greatest(
        date_trunc(%(grain)s, exposed_at, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(exposed_at, %(phase_starts)s::timestamptz [])]
    ) as bucket
from pg_temp.step_unit
where run_id = %(run_id)s and is_changed = %(is_changed)s and variant_id is not null
