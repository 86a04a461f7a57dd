-- When the first and the last impression of an Open Bandit log was served.
-- grain: one row
-- key: none
-- reads: warehouse.analytics_rawopenbanditimpression
select
    min(at_ms) as first_ms,
    max(at_ms) as last_ms
from warehouse.analytics_rawopenbanditimpression
where dataset_id = %(dataset_id)s
