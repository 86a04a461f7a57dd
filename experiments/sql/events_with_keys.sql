-- Which of these events are stored.
-- grain: one row an event; key: (event_id, occurred_at); reads: experiments_event
select event.event_id
from experiment.experiments_event as event
inner join
    unnest(%(event_ids)s::uuid [], %(times)s::timestamptz []) as wanted (event_id, occurred_at)
    on event.event_id = wanted.event_id and event.occurred_at = wanted.occurred_at
