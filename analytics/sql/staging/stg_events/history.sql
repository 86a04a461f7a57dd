-- What visitors did before the first experiment, from the simulated history.
-- grain: one row an event
-- key: event_id, occurred_at
-- reads: warehouse.simulation_historyevent
select
    unit_id,
    name,
    occurred_at,
    coalesce(amount, 0) as amount,
    (occurred_at at time zone %(zone)s)::date as day
from warehouse.simulation_historyevent
where occurred_at >= %(since)s and occurred_at < %(until)s
