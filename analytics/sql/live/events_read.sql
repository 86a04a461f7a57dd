-- What units did, of the transactions that were read.
-- grain: one row an event; key: event_id, occurred_at; reads: experiments_event
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from experiment.experiments_event
where pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
