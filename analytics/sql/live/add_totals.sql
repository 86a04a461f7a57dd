-- Add what is new to the units' totals.
-- grain: one row a unit and source; key: (run_id, unit_id, source); writes: analytics_livetotal
-- reads: pg_temp.step_delta
insert into warehouse.analytics_livetotal as total (run_id, unit_id, source, events, amount, delay)
select run_id, unit_id, source, events, amount, delay
from pg_temp.step_delta
where run_id = %(run_id)s
on conflict (run_id, unit_id, source) do update set
    events = total.events + excluded.events,
    amount = total.amount + excluded.amount,
    delay = least(total.delay, excluded.delay)
