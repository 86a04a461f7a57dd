-- Let the planner know how many rows the step has, and of what kind.
-- grain: none; reads: pg_temp.step_event
analyze pg_temp.step_event (unit_id, name, occurred_at)
