-- Which of these ids were taken.
-- grain: one row an id; key: event_id; reads: experiments_receivedeventid
select event_id
from experiment.experiments_receivedeventid
where event_id = any(%(event_ids)s::uuid [])
