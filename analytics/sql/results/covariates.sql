-- Sums with what CUPED adjusts by, per variant, bucket of first exposure and metric.
-- grain: one row a variant, bucket and metric; key: (variant_id, bucket, metric); reads: unit_value
select
    variant_id,
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
where variant_id is not null and metric = any(%(adjusted)s::integer [])
group by variant_id, bucket, metric
