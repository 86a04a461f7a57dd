-- Store events one by one, those that are there already left out.
-- grain: one row an event; key: (event_id, occurred_at); writes: experiments_event
insert into experiment.experiments_event (event_id, occurred_at, name, unit_id, amount, properties)
select event_id, occurred_at, name, unit_id, amount, properties
from unnest(
    %(event_ids)s::uuid [],
    %(times)s::timestamptz [],
    %(names)s::text [],
    %(units)s::text [],
    %(amounts)s::numeric [],
    %(properties)s::jsonb []
) as new (event_id, occurred_at, name, unit_id, amount, properties)
order by event_id
on conflict do nothing
returning event_id
