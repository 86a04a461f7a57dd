-- From the view to the order, day by day: visitors who did a step, and visitors who did it and every step before it.
-- A cart before midnight with its order after it is in two days, and so in no whole funnel.
-- grain: one row a day with an event
-- key: day
-- reads: visitor_days
-- writes: warehouse.analytics_funnelday by day
-- column day: days since 1970-01-01 in the dataset's zone
-- column visitors: visitors with any event
-- column viewers: visitors who saw a page
-- column carters: visitors who put something into the cart
-- column buyers: visitors who ordered
-- column viewing_carters: visitors who saw a page and put something into the cart
-- column viewing_carting_buyers: visitors who did all three
select
    day,
    cast(count(*) as integer) as visitors,
    cast(sum(case when page_views > 0 then 1 else 0 end) as integer) as viewers,
    cast(sum(case when carts > 0 then 1 else 0 end) as integer) as carters,
    cast(sum(case when orders > 0 then 1 else 0 end) as integer) as buyers,
    cast(sum(case when page_views > 0 and carts > 0 then 1 else 0 end) as integer) as viewing_carters,
    cast(
        sum(case when page_views > 0 and carts > 0 and orders > 0 then 1 else 0 end) as integer
    ) as viewing_carting_buyers
from visitor_days
where day between %(first_day)s and %(last_day)s and events > 0
group by day
