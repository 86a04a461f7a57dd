-- What units did that is new in this step.
-- grain: one row an event; reads: pg_temp.step_event
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from pg_temp.step_event
