-- The shop's kinds of food; none lies below another.
-- grain: one row a category
-- key: category
-- reads: warehouse.analytics_namekey
-- column category: number of the category
-- column parent: the category above; empty at the top
select
    number as category,
    cast(null as bigint) as parent
from warehouse.analytics_namekey
where dataset_id = %(dataset_id)s and kind = 'category'
