-- The category that each item's properties named, whenever they did. Few lines name one; only those are matched.
-- grain: one row a line of item_properties with a category
-- key: item, at_ms, line
-- reads: warehouse.analytics_rawretailrocketproperty
select
    item,
    cast(value as bigint) as category,
    at_ms,
    part * cast(1000000000000 as bigint) + line as line
from warehouse.analytics_rawretailrocketproperty
where dataset_id = %(dataset_id)s and case when property = 'categoryid' then value end ~ '^[0-9]{1,18}$'
