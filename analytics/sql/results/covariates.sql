-- Sums with what CUPED adjusts by, per arm, bucket of first exposure and metric.
-- grain: one row an arm, bucket and metric; key: (arm, bucket, metric); reads: unit_value
select
    arm,
    bucket,
    metric,
    sum(u) as u,
    sum(v) as v,
    sum(u * u) as uu,
    sum(v * v) as vv,
    sum(u * v) as uv,
    sum(x * u) as xu,
    sum(x * v) as xv,
    sum(y * u) as yu,
    sum(y * v) as yv
from unit_value
where arm is not null and metric = any(%(adjusted)s::integer [])
group by arm, bucket, metric
