-- Purchases of the CDNOW log as orders.
-- grain: one row a line
-- key: transaction
-- reads: warehouse.analytics_rawcdnowpurchase
select
    customer as visitor,
    cast(extract(epoch from (to_date(cast(date as text), 'YYYYMMDD') + time '12:00') at time zone %(zone)s) * 1000 as bigint) as at_ms,
    line as transaction,
    1 as orders,
    cast(dollars * 100 as bigint) as amount_minor
from warehouse.analytics_rawcdnowpurchase
where
    dataset_id = %(dataset_id)s
    and date >= %(from_date)s and date <= %(until_date)s
    and (%(shards)s = 1 or abs(mod(customer, %(shards)s) - %(shard)s) < 1)
