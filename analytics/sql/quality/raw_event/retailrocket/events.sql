-- Lines of a log in RetailRocket's form, for the checks; the form tells no amounts.
-- grain: one row a line of events.csv
-- key: record
-- reads: warehouse.analytics_rawretailrocketevent
select
    cast(line as text) as record,
    cast(visitor as text) as unit,
    at_ms,
    cast(null as bigint) as received_ms,
    case event when 'view' then 'page_view' when 'addtocart' then 'add_to_cart' when 'transaction' then 'purchase' else event end as event,
    cast(transaction as text) as transaction,
    false as tells_amount,
    cast(null as bigint) as amount_minor,
    cast(null as jsonb) as properties
from warehouse.analytics_rawretailrocketevent
where dataset_id = %(dataset_id)s and at_ms >= %(from_ms)s and at_ms < %(until_ms)s
