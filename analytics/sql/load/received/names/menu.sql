-- The shop's restaurants and kinds of food.
-- grain: one row a kind and text
-- key: kind, name
-- reads: warehouse.storefront_restaurant
select
    'item' as kind,
    slug as name
from warehouse.storefront_restaurant
union distinct
select
    'category',
    category_id
from warehouse.storefront_restaurant
