-- Units that have one of the sets of attributes.
-- grain: one row a unit; key: unit_id; reads: experiment.experiments_unit
select unit_id
from experiment.experiments_unit
where attributes = any(%(sets)s::text []::jsonb [])
