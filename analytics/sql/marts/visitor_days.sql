-- What each visitor did on a day, by the events and by the book of orders; what counts visitors reads it. Lines of one
-- order are one order, also where an event came twice; a purchase without an order's number is one of its own.
-- grain: one row a visitor and day with an event or a booked order
-- key: day, visitor
-- reads: fact_events, fact_sessions, stg_orders
-- writes: warehouse.analytics_visitorday by day
-- column visitor: number of the visitor
-- column revenue_minor: amount of the day's purchases in hundredths
-- column refunded_minor: amount paid back on the day in hundredths
-- column booked_minor: amount of the booked orders in hundredths, refunds of the day taken off
-- column day: days since 1970-01-01 in the dataset's zone
-- column sessions: sessions
-- column events: events
-- column page_views: pages shown
-- column clicks: clicks
-- column carts: times something was put into the cart
-- column orders: orders, by the purchase events
-- column booked_orders: orders, by the book of orders
with parts as (
    select
        visitor,
        day,
        revenue_minor,
        refunded_minor,
        cast(0 as bigint) as booked_minor,
        1 as sessions,
        events,
        page_views,
        clicks,
        carts,
        0 as orders,
        0 as booked_orders
    from fact_sessions
    where day between %(first_day)s and %(last_day)s
    union all
    select
        visitor,
        day,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        cast(
            count(distinct transaction) + sum(case when transaction is null then 1 else 0 end) as integer
        ),
        0
    from fact_events
    where day between %(first_day)s and %(last_day)s and event = 'purchase'
    group by visitor, day
    union all
    select
        visitor,
        day,
        0,
        0,
        amount_minor,
        0,
        0,
        0,
        0,
        0,
        0,
        orders
    from stg_orders
)

select
    visitor,
    cast(sum(revenue_minor) as bigint) as revenue_minor,
    cast(sum(refunded_minor) as bigint) as refunded_minor,
    cast(sum(booked_minor) as bigint) as booked_minor,
    day,
    cast(sum(sessions) as integer) as sessions,
    cast(sum(events) as integer) as events,
    cast(sum(page_views) as integer) as page_views,
    cast(sum(clicks) as integer) as clicks,
    cast(sum(carts) as integer) as carts,
    cast(sum(orders) as integer) as orders,
    cast(sum(booked_orders) as integer) as booked_orders
from parts
group by day, visitor
