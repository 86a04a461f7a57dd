-- What visitors did before the first experiment, from the simulated history.
-- grain: one row an event; key: event_id; reads: simulation_historyevent
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from warehouse.simulation_historyevent
