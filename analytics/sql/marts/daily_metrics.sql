-- How the shop did, day by day in the reporting zone.
-- grain: one row a day
-- key: date
-- reads: int_visitor_days, int_sessions
-- writes: warehouse.analytics_dailymetric by date
-- column date: the day in the reporting zone
-- column visitors: units with any event
-- column sessions: visits separated by 30 minutes of silence or by midnight
-- column page_views: pages shown
-- column clickers: visitors with at least one click
-- column buyers: visitors with at least one order
-- column orders: orders placed
-- column revenue: amount of the orders in won, refunds not taken off
-- column refunded: amount paid back on the day in won
-- column bounces: sessions with one page view at most and no interaction
-- column ctr: clickers / visitors
-- column cvr: buyers / visitors
-- column click_cvr: visitors who clicked and ordered / clickers
-- column aov: revenue / orders, in won
-- column arpu: revenue / visitors, in won
-- column session_depth: page views / sessions
-- column bounce_rate: bounces / sessions
with visitors as (
    select
        day,
        count(*) as visitors,
        sum(page_views) as page_views,
        count(*) filter (where clicks > 0) as clickers,
        count(*) filter (where orders > 0) as buyers,
        count(*) filter (where orders > 0 and clicks > 0) as clicking_buyers,
        sum(orders) as orders,
        sum(revenue) as revenue,
        sum(refunded) as refunded
    from int_visitor_days
    group by day
),

sessions as (
    select
        day,
        count(*) as sessions,
        count(*) filter (where page_views <= 1 and interactions = 0) as bounces
    from int_sessions
    group by day
)

select
    visitors.day as date,
    visitors.visitors,
    sessions.sessions,
    visitors.page_views,
    visitors.clickers,
    visitors.buyers,
    visitors.orders,
    visitors.revenue,
    visitors.refunded,
    sessions.bounces,
    visitors.clickers::float8 / visitors.visitors as ctr,
    visitors.buyers::float8 / visitors.visitors as cvr,
    visitors.clicking_buyers::float8 / nullif(visitors.clickers, 0) as click_cvr,
    (visitors.revenue / nullif(visitors.orders, 0))::float8 as aov,
    (visitors.revenue / visitors.visitors)::float8 as arpu,
    visitors.page_views::float8 / sessions.sessions as session_depth,
    sessions.bounces::float8 / sessions.sessions as bounce_rate
from visitors
inner join sessions on visitors.day = sessions.day
