-- Sums per variant, bucket of first exposure and metric; of them follow all statistics of a run.
-- grain: one row a variant, bucket and metric; key: (variant_id, bucket, metric); reads: unit, unit_value
-- Units without an event that counts add to ``units`` and to no sum.
with summed as (
    select
        variant_id,
        bucket,
        metric,
        sum(x) as x,
        sum(y) as y,
        sum(x * x) as xx,
        sum(y * y) as yy,
        sum(x * y) as xy
    from unit_value
    group by variant_id, bucket, metric
),

exposed as (
    select
        variant_id,
        bucket,
        count(*) as units
    from unit
    where variant_id is not null
    group by variant_id, bucket
)

select
    exposed.variant_id,
    exposed.bucket,
    exposed.units,
    summed.metric,
    summed.x,
    summed.y,
    summed.xx,
    summed.yy,
    summed.xy
from exposed
left join summed on exposed.variant_id = summed.variant_id and exposed.bucket = summed.bucket
