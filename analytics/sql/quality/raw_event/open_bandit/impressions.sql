-- Lines of the Open Bandit log, for the checks: an impression, and its click where it has one.
-- grain: one row a line and event
-- key: record, event
-- reads: warehouse.analytics_rawopenbanditimpression
select
    cast(raw.line as text) as record,
    cast(raw.line as text) as unit,
    raw.at_ms,
    cast(null as bigint) as received_ms,
    told.event,
    cast(null as text) as transaction,
    false as tells_amount,
    cast(null as bigint) as amount_minor,
    cast(null as jsonb) as properties
from warehouse.analytics_rawopenbanditimpression as raw
inner join (values ('impression'), ('click')) as told (event) on told.event = 'impression' or raw.click
where raw.dataset_id = %(dataset_id)s and raw.at_ms >= %(from_ms)s and raw.at_ms < %(until_ms)s
