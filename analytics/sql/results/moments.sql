-- Sums per arm, bucket of first exposure and metric; of them follow all statistics of a run.
-- grain: one row an arm, bucket and metric; key: (arm, bucket, metric); reads: unit, unit_value
-- Units without an event that counts add to ``units`` and to no sum.
with summed as (
    select
        arm,
        bucket,
        metric,
        sum(x) as x,
        sum(y) as y,
        sum(x * x) as xx,
        sum(y * y) as yy,
        sum(x * y) as xy
    from unit_value
    group by arm, bucket, metric
),

exposed as (
    select
        arm,
        bucket,
        count(*) as units
    from unit
    where arm is not null
    group by arm, bucket
)

select
    exposed.arm,
    exposed.bucket,
    exposed.units,
    summed.metric,
    summed.x,
    summed.y,
    summed.xx,
    summed.yy,
    summed.xy
from exposed
left join summed on exposed.arm = summed.arm and exposed.bucket = summed.bucket
