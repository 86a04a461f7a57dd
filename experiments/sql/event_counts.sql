-- Events by name and day of the reporting zone.
-- grain: one row a name and day; key: (name, day); reads: experiments_event
select
    name,
    (occurred_at at time zone %(zone)s)::date as day,
    count(*) as events
from experiment.experiments_event
where occurred_at >= %(since)s
group by name, day
