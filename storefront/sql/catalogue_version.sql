-- grain: one row; key: none; reads: warehouse.storefront_category, _restaurant, _dish
-- a text that changes whenever any row of the catalogue is added, changed or removed
select concat_ws(
    '/',
    (select concat(count(*), '@', max(updated_at)) from warehouse.storefront_category),
    (select concat(count(*), '@', max(updated_at)) from warehouse.storefront_restaurant),
    (select concat(count(*), '@', max(updated_at)) from warehouse.storefront_dish)
) as version
