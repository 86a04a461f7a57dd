-- The funnel of each category, day by day, by the category that the event's item had on that day. An event counts as a
-- view where it is a page view of the item, or the click that opens it.
-- grain: one row a day and category with an event that names an item
-- key: day, category
-- reads: fact_events, dim_category
-- writes: warehouse.analytics_funnelcategoryday by day
-- column category: number of the category; -1 where none was known on the day
-- column root: the category at the top above it; -1 where none is known
-- column day: days since 1970-01-01 in the dataset's zone
-- column visitors: visitors with an event that names an item of the category
-- column viewers: visitors who viewed one
-- column carters: visitors who put one into the cart
-- column buyers: visitors who ordered one
-- column views: views
-- column carts: times one was put into the cart
-- column purchases: lines of orders
with placed as (
    select
        day,
        visitor,
        category,
        sum(case when event in ('page_view', 'click') then 1 else 0 end) as views,
        sum(case when event = 'add_to_cart' then 1 else 0 end) as carts,
        sum(case when event = 'purchase' then 1 else 0 end) as purchases
    from fact_events
    where day between %(first_day)s and %(last_day)s and item is not null
    group by day, visitor, category
)

select
    placed.category,
    coalesce(category.root, -1) as root,
    placed.day,
    cast(count(*) as integer) as visitors,
    cast(sum(case when placed.views > 0 then 1 else 0 end) as integer) as viewers,
    cast(sum(case when placed.carts > 0 then 1 else 0 end) as integer) as carters,
    cast(sum(case when placed.purchases > 0 then 1 else 0 end) as integer) as buyers,
    cast(sum(placed.views) as bigint) as views,
    cast(sum(placed.carts) as bigint) as carts,
    cast(sum(placed.purchases) as bigint) as purchases
from placed
left join dim_category as category on placed.category = category.category
group by placed.category, category.root, placed.day
