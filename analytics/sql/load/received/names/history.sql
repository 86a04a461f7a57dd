-- Texts of the simulated history that marts know by a number: visitors and restaurants.
-- grain: one row a kind and text
-- key: kind, name
-- reads: warehouse.simulation_historyevent
select distinct
    'visitor' as kind,
    unit_id as name
from warehouse.simulation_historyevent
where occurred_at >= %(since)s and occurred_at < %(until)s
union distinct
select distinct
    'item',
    coalesce(properties ->> 'restaurant', properties ->> 'target')
from warehouse.simulation_historyevent
where
    occurred_at >= %(since)s and occurred_at < %(until)s
    and (properties ->> 'restaurant' is not null or (properties ->> 'page' = 'restaurant' and name = 'click'))
    and length(coalesce(properties ->> 'restaurant', properties ->> 'target')) between 1 and 100
