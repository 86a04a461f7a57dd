-- Purchases of the CDNOW log, at noon of their day in the dataset's zone: the log tells days only.
-- grain: one row a line
-- key: copy
-- reads: warehouse.analytics_rawcdnowpurchase
select
    customer as visitor,
    cast(extract(epoch from (to_date(cast(date as text), 'YYYYMMDD') + time '12:00') at time zone %(zone)s) * 1000 as bigint) as at_ms,
    'purchase' as event,
    cast(null as bigint) as item,
    line as transaction,
    cast(dollars * 100 as bigint) as amount_minor,
    line as copy
from warehouse.analytics_rawcdnowpurchase
where
    dataset_id = %(dataset_id)s
    and date >= %(from_date)s and date <= %(until_date)s
    and (%(shards)s = 1 or abs(mod(customer, %(shards)s) - %(shard)s) < 1)
