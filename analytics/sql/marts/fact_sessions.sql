-- Sessions and what happened in each: between two events of one lie 30 minutes at most, and no midnight.
-- grain: one row a session
-- key: day, visitor, session
-- reads: fact_events
-- writes: warehouse.analytics_factsession by day
-- column visitor: number of the visitor
-- column began_ms: first event, in milliseconds since 1970
-- column ended_ms: last event
-- column revenue_minor: amount of its purchases in hundredths
-- column refunded_minor: amount of its refunds in hundredths
-- column day: days since 1970-01-01 in the dataset's zone
-- column session: number within the visitor's day, from 1
-- column events: events
-- column page_views: pages shown
-- column clicks: clicks
-- column carts: times something was put into the cart
-- column interactions: events other than page views and impressions
select
    visitor,
    min(at_ms) as began_ms,
    max(at_ms) as ended_ms,
    cast(coalesce(sum(case when event = 'purchase' then amount_minor end), 0) as bigint) as revenue_minor,
    cast(coalesce(sum(case when event = 'refund' then amount_minor end), 0) as bigint) as refunded_minor,
    day,
    session,
    cast(count(*) as integer) as events,
    cast(sum(case when event = 'page_view' then 1 else 0 end) as integer) as page_views,
    cast(sum(case when event = 'click' then 1 else 0 end) as integer) as clicks,
    cast(sum(case when event = 'add_to_cart' then 1 else 0 end) as integer) as carts,
    cast(sum(case when event in ('page_view', 'impression') then 0 else 1 end) as integer) as interactions
from fact_events
where day between %(first_day)s and %(last_day)s
group by day, visitor, session
