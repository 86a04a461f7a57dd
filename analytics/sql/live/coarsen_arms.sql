-- Put a run's buckets together to longer ones.
-- grain: one row a variant, region and bucket of the run; writes: analytics_livearm
with finer as (
    delete from warehouse.analytics_livearm
    where run_id = %(run_id)s
    returning variant_id, region, bucket, units
)

insert into warehouse.analytics_livearm (run_id, variant_id, region, bucket, units)
select
    %(run_id)s,
    variant_id,
    region,
    greatest(
        date_trunc(%(grain)s, bucket, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(bucket, %(phase_starts)s::timestamptz [])]
    ) as longer,
    sum(units)
from finer
group by variant_id, region, longer
