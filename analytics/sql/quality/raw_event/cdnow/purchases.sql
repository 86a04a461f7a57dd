-- Lines of the CDNOW log, for the checks.
-- grain: one row a line
-- key: record
-- reads: warehouse.analytics_rawcdnowpurchase
select
    cast(line as text) as record,
    cast(customer as text) as unit,
    cast(extract(epoch from (to_date(cast(date as text), 'YYYYMMDD') + time '12:00') at time zone %(zone)s) * 1000 as bigint) as at_ms,
    cast(null as bigint) as received_ms,
    'purchase' as event,
    cast(line as text) as transaction,
    true as tells_amount,
    cast(dollars * 100 as bigint) as amount_minor,
    cast(null as jsonb) as properties
from warehouse.analytics_rawcdnowpurchase
where dataset_id = %(dataset_id)s and date >= %(from_date)s and date <= %(until_date)s
