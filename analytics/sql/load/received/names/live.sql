-- Texts of what the shop and other products reported that marts know by a number: visitors and restaurants.
-- grain: one row a kind and text
-- key: kind, name
-- reads: experiment.experiments_event
select distinct
    'visitor' as kind,
    unit_id as name
from experiment.experiments_event
where occurred_at >= %(since)s and occurred_at < %(until)s
union distinct
select distinct
    'item',
    coalesce(properties ->> 'restaurant', properties ->> 'target')
from experiment.experiments_event
where
    occurred_at >= %(since)s and occurred_at < %(until)s
    and (properties ->> 'restaurant' is not null or (properties ->> 'page' = 'restaurant' and name = 'click'))
    and length(coalesce(properties ->> 'restaurant', properties ->> 'target')) between 1 and 100
