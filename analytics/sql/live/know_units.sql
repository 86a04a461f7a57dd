-- Let the planner know how many rows the step has, and of what kind.
-- grain: none; reads: pg_temp.step_unit
analyze pg_temp.step_unit (run_id, unit_id, is_changed)
