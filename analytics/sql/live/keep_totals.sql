-- Keep the totals of units that were computed from their first exposure on.
-- grain: one row a unit and source; key: (run_id, unit_id, source); writes: analytics_livetotal
-- reads: pg_temp.step_activity
insert into warehouse.analytics_livetotal (run_id, unit_id, source, events, amount, delay)
select run_id, unit_id, source, events, amount, delay
from pg_temp.step_activity
where run_id = %(run_id)s and sign = 1
