-- Purchases of all days, for refunds that look for theirs.
-- grain: one row a purchase
-- key: none
-- reads: experiment.experiments_event
select
    cast(unit_id as text) as unit,
    properties ->> 'order' as transaction
from experiment.experiments_event
where name = 'purchase'
