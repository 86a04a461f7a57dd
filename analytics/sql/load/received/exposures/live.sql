-- Units of experiments with the moment of their first exposure in a variant.
-- grain: one row a run, unit and variant
-- key: run_id, visitor, variant_id
-- reads: experiment.experiments_exposure, warehouse.analytics_namekey
-- column run_id: the experiment's run
-- column visitor: number of the unit
-- column variant_id: the variant that was seen
-- column at_ms: when it was seen first, in milliseconds since 1970
select
    exposure.run_id,
    visitor.number as visitor,
    exposure.variant_id,
    cast(floor(extract(epoch from exposure.exposed_at) * 1000) as bigint) as at_ms
from experiment.experiments_exposure as exposure
inner join warehouse.analytics_namekey as visitor
    on visitor.dataset_id = %(dataset_id)s and visitor.kind = 'visitor' and exposure.unit_id = visitor.name
where
    exposure.exposed_at >= %(since)s and exposure.exposed_at < %(until)s
    and (%(shards)s = 1 or abs(mod(visitor.number, %(shards)s) - %(shard)s) < 1)
