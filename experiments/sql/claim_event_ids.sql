-- Take the ids that nobody sent before; a sender of the same ids at the same moment waits, then finds them taken.
-- What the shop itself recorded counts too: its ids carry the time of the event to the millisecond.
-- grain: one row an id; key: event_id; reads: experiments_event; writes: experiments_receivedeventid
insert into experiment.experiments_receivedeventid (event_id, received_at)
select new.event_id, now()
from unnest(%(event_ids)s::uuid [], %(id_times)s::timestamptz []) as new (event_id, id_time)
where not exists (
    select 1
    from experiment.experiments_event as event
    where
        event.event_id = new.event_id
        and event.occurred_at >= new.id_time
        and event.occurred_at < new.id_time + interval '2 milliseconds'
)
order by new.event_id
on conflict do nothing
returning event_id
