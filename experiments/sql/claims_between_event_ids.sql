-- Whether any id between the two was taken: one look in the index for a whole batch.
-- grain: at most one row; reads: experiments_receivedeventid
select 1 as found
from experiment.experiments_receivedeventid
where event_id between %(first)s and %(last)s
limit 1
