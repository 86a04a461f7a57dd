-- When the first and the last event of a log in RetailRocket's form happened.
-- grain: one row
-- key: none
-- reads: warehouse.analytics_rawretailrocketevent
select
    min(at_ms) as first_ms,
    max(at_ms) as last_ms
from warehouse.analytics_rawretailrocketevent
where dataset_id = %(dataset_id)s
