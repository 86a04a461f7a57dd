-- When the first and the last property of an item was told in a log in RetailRocket's form.
-- grain: one row
-- key: none
-- reads: warehouse.analytics_rawretailrocketproperty
select
    min(at_ms) as first_ms,
    max(at_ms) as last_ms
from warehouse.analytics_rawretailrocketproperty
where dataset_id = %(dataset_id)s
