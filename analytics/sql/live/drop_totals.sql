-- Drop the totals of units whose exposures changed.
-- grain: one row a unit and source; writes: analytics_livetotal; reads: pg_temp.step_unit
delete from warehouse.analytics_livetotal as total
using pg_temp.step_unit as unit
where
    total.run_id = %(run_id)s
    and unit.run_id = %(run_id)s
    and unit.is_changed
    and unit.was_variant_id is not null
    and total.unit_id = unit.unit_id
