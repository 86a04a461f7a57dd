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
),

counted as (
    select
        day,
        category,
        count(*) as visitors,
        sum(case when views > 0 then 1 else 0 end) as viewers,
        sum(case when carts > 0 then 1 else 0 end) as carters,
        sum(case when purchases > 0 then 1 else 0 end) as buyers,
        sum(views) as views,
        sum(carts) as carts,
        sum(purchases) as purchases
    from placed
    group by day, category
)

select
    counted.category,
    coalesce(category.root, -1) as root,
    counted.day,
    cast(counted.visitors as integer) as visitors,
    cast(counted.viewers as integer) as viewers,
    cast(counted.carters as integer) as carters,
    cast(counted.buyers as integer) as buyers,
    cast(counted.views as bigint) as views,
    cast(counted.carts as bigint) as carts,
    cast(counted.purchases as bigint) as purchases
from counted
left join dim_category as category on counted.category = category.category
