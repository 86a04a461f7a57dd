-- The first and the last day of the CDNOW log, to a day.
-- grain: one row
-- key: none
-- reads: warehouse.analytics_rawcdnowpurchase
select
    cast(extract(epoch from to_date(cast(min(date) as text), 'YYYYMMDD')) * 1000 as bigint) as first_ms,
    cast(extract(epoch from to_date(cast(max(date) as text), 'YYYYMMDD')) * 1000 as bigint) as last_ms
from warehouse.analytics_rawcdnowpurchase
where dataset_id = %(dataset_id)s
