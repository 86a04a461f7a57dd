-- What units did, as the shop and other products reported it.
-- grain: one row an event; key: event_id, occurred_at; reads: experiments_event
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from experiment.experiments_event
