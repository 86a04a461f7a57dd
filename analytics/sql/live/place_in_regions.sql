-- Note the regions of changed units, of runs that have several.
-- grain: one row a unit; writes: pg_temp.step_unit
update pg_temp.step_unit as unit
set region = placed.region
from unnest(%(units)s::text [], %(regions)s::smallint []) as placed (unit_id, region)
where unit.run_id = %(run_id)s and unit.is_changed and unit.unit_id = placed.unit_id
