-- Stand, until the transaction takes them back, where events with these ids would stand if their time were the id's:
-- who stores such an event at this moment is waited for, and who stored one before is found.
-- grain: one row an id; key: (event_id, occurred_at); writes: experiments_event
insert into experiment.experiments_event (event_id, occurred_at, name, unit_id)
select event_id, id_time, '', ''
from unnest(%(event_ids)s::uuid [], %(id_times)s::timestamptz []) as new (event_id, id_time)
order by event_id
on conflict do nothing
returning event_id
