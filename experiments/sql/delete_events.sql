-- Take back events that this transaction stored.
-- grain: one row an event; key: (event_id, occurred_at); writes: experiments_event
delete from experiment.experiments_event as event
using unnest(%(event_ids)s::uuid [], %(times)s::timestamptz []) as mine (event_id, occurred_at)
where
    event.event_id = mine.event_id
    and event.occurred_at = mine.occurred_at
    and event.occurred_at >= %(from)s
    and event.occurred_at <= %(to)s
