-- Store events; one that is there already changes nothing.
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
on conflict do nothing
