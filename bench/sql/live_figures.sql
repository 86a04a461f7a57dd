-- The same figures from all events, as anybody would ask for them: windows of a minute, and moments of four metrics by
-- variant. Postgres and DuckDB compute them alike.
-- grain: one row a variant; reads: exposures, events
with seen as (
    select
        exposure.variant_id,
        event.unit_id,
        event.name,
        event.amount,
        event.at_ms
    from events as event
    inner join exposures as exposure on event.unit_id = exposure.unit_id and event.at_ms >= exposure.at_ms
),

windows as (
    select
        floor(at_ms / 60000) as minute,
        variant_id,
        count(*) filter (where name = 'impression') as impressions,
        count(*) filter (where name = 'click') as clicks,
        count(*) filter (where name = 'purchase') as orders,
        sum(amount) as revenue
    from seen
    group by 1, 2
),

totals as (
    select
        variant_id,
        unit_id,
        max(case when name = 'click' then 1 else 0 end) as clicked,
        max(case when name = 'purchase' then 1 else 0 end) as bought,
        coalesce(sum(amount), 0) as revenue,
        count(*) filter (where name = 'page_view') as views
    from seen
    group by 1, 2
)

select
    totals.variant_id,
    count(*) as units,
    sum(totals.clicked) as clicked,
    sum(totals.bought) as bought,
    sum(totals.revenue) as revenue,
    sum(totals.revenue * totals.revenue) as revenue_squared,
    sum(totals.views) as views,
    sum(totals.views * totals.views) as views_squared,
    (select sum(windows.clicks) from windows where windows.variant_id = totals.variant_id) as clicks_of_windows
from totals
group by totals.variant_id
