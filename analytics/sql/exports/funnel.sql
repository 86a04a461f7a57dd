-- The funnel of each day up to the report's, oldest first.
-- grain: one row a day; key: day; reads: warehouse.analytics_funnelday
select
    date '1970-01-01' + day as day,
    visitors,
    viewers,
    carters,
    buyers,
    viewing_carters,
    viewing_carting_buyers
from warehouse.analytics_funnelday
where dataset_id = %(dataset_id)s and day <= %(day)s
order by day
