-- How the product did, day by day. Rates are made of these counts where they are shown, so that days add up to weeks;
-- analytics/marts/kpis.py defines them.
-- grain: one row a day with an event
-- key: day
-- reads: visitor_days, fact_sessions
-- writes: warehouse.analytics_dailymetric by day
-- column revenue_minor: amount of the purchases in hundredths, refunds not taken off
-- column refunded_minor: amount paid back on the day in hundredths
-- column page_views: pages shown
-- column day: days since 1970-01-01 in the dataset's zone
-- column visitors: visitors with any event
-- column sessions: visits separated by more than 30 minutes of silence or by midnight
-- column clickers: visitors with at least one click
-- column carters: visitors who put something into the cart
-- column buyers: visitors with at least one order
-- column clicking_buyers: visitors who clicked and ordered
-- column orders: orders placed
-- column bounces: sessions with one page view at most and no interaction
with visitors as (
    select
        day,
        cast(sum(revenue_minor) as bigint) as revenue_minor,
        cast(sum(refunded_minor) as bigint) as refunded_minor,
        cast(sum(page_views) as bigint) as page_views,
        cast(count(*) as integer) as visitors,
        cast(sum(sessions) as integer) as sessions,
        cast(sum(case when clicks > 0 then 1 else 0 end) as integer) as clickers,
        cast(sum(case when carts > 0 then 1 else 0 end) as integer) as carters,
        cast(sum(case when orders > 0 then 1 else 0 end) as integer) as buyers,
        cast(sum(case when orders > 0 and clicks > 0 then 1 else 0 end) as integer) as clicking_buyers,
        cast(sum(orders) as integer) as orders
    from visitor_days
    where day between %(first_day)s and %(last_day)s and events > 0
    group by day
),

bounced as (
    select
        day,
        cast(count(*) as integer) as bounces
    from fact_sessions
    where day between %(first_day)s and %(last_day)s and page_views <= 1 and interactions = 0
    group by day
)

select
    visitors.revenue_minor,
    visitors.refunded_minor,
    visitors.page_views,
    visitors.day,
    visitors.visitors,
    visitors.sessions,
    visitors.clickers,
    visitors.carters,
    visitors.buyers,
    visitors.clicking_buyers,
    visitors.orders,
    coalesce(bounced.bounces, 0) as bounces
from visitors
left join bounced on visitors.day = bounced.day
