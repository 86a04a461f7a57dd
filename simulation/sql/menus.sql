-- What the shop sells in all, whatever the hour.
-- grain: one row a restaurant; key: restaurant; reads: storefront_restaurant, storefront_dish
select
    restaurant.slug as restaurant,
    restaurant.category_id as category,
    restaurant.minimum_order as minimum,
    restaurant.delivery_fee as fee,
    array_agg(dish.code order by dish.position, dish.code) as dishes,
    array_agg(dish.price order by dish.position, dish.code) as prices
from warehouse.storefront_restaurant as restaurant
inner join warehouse.storefront_dish as dish on restaurant.slug = dish.restaurant_id
group by restaurant.slug
order by restaurant.slug
