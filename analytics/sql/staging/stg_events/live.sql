-- What visitors did, as the shop and other products reported it.
-- grain: one row an event
-- key: event_id, occurred_at
-- reads: experiment.experiments_event
select
    unit_id,
    name,
    occurred_at,
    coalesce(amount, 0) as amount,
    (occurred_at at time zone %(zone)s)::date as day
from experiment.experiments_event
where occurred_at >= %(since)s and occurred_at < %(until)s
