-- What a visitor did on a day; kept, so that statistics of users need not read all events again.
-- grain: one row a unit and day
-- key: unit_id, day
-- reads: stg_events
-- writes: warehouse.analytics_visitorday by day
select
    unit_id,
    day,
    count(*) filter (where name = 'page_view') as page_views,
    count(*) filter (where name = 'click') as clicks,
    count(*) filter (where name = 'purchase') as orders,
    coalesce(sum(amount) filter (where name = 'purchase'), 0) as revenue,
    coalesce(sum(amount) filter (where name = 'refund'), 0) as refunded
from stg_events
group by unit_id, day
