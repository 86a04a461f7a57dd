-- Take the ids that nobody sent before; a sender of the same ids at the same moment waits, then finds them taken.
-- grain: one row an id; key: event_id; writes: experiments_receivedeventid
insert into experiment.experiments_receivedeventid (event_id, received_at)
select event_id, now()
from unnest(%(event_ids)s::uuid []) as new (event_id)
order by event_id
on conflict do nothing
returning event_id
