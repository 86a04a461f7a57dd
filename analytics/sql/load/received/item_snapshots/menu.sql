-- The shop's restaurants with their kind of food; the shop keeps no history of it, so it holds from the beginning.
-- grain: one row an item
-- key: item, at_ms, line
-- reads: warehouse.storefront_restaurant, warehouse.analytics_namekey
-- column item: number of the restaurant
-- column category: number of the kind of food
-- column at_ms: from when on it holds, in milliseconds since 1970
-- column line: which of two of one moment holds: the later line
select
    item.number as item,
    category.number as category,
    cast(0 as bigint) as at_ms,
    cast(0 as bigint) as line
from warehouse.storefront_restaurant as restaurant
inner join warehouse.analytics_namekey as item
    on item.dataset_id = %(dataset_id)s and item.kind = 'item' and restaurant.slug = item.name
inner join warehouse.analytics_namekey as category
    on category.dataset_id = %(dataset_id)s and category.kind = 'category' and restaurant.category_id = category.name
