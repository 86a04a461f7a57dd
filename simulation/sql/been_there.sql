-- Which of these visitors have been to the shop since a moment, and how many orders they placed.
-- grain: one row a unit; key: unit_id; reads: experiments_event
select
    event.unit_id,
    count(*) filter (where event.name = 'purchase') as orders
from experiment.experiments_event as event
where event.unit_id = any(%(units)s) and event.occurred_at >= %(since)s
group by event.unit_id
