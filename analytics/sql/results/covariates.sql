-- Sums with what CUPED adjusts by, per arm, bucket of first exposure and metric.
-- grain: one row an arm, bucket and metric; key: (arm, bucket, metric); reads: unit_value
select
    arm,
    bucket,
    metric,
    coalesce(sum(u), 0) as u,
    coalesce(sum(v), 0) as v,
    coalesce(sum(u * u), 0) as uu,
    coalesce(sum(v * v), 0) as vv,
    coalesce(sum(u * v), 0) as uv,
    coalesce(sum(x * u), 0) as xu,
    coalesce(sum(x * v), 0) as xv,
    coalesce(sum(y * u), 0) as yu,
    coalesce(sum(y * v), 0) as yv
from unit_value
where arm is not null and metric = any(%(adjusted)s::integer [])
group by arm, bucket, metric
