-- By how much the sums over units change: what the units have come to, less what they had come to.
-- grain: one row a metric, arm and bucket; key: the same; reads: unit_value
select
    %(run_id)s::bigint as run_id,
    metric,
    (arm / 2) / %(strata)s as variant_id,
    (arm / 2) %% %(strata)s as region,
    bucket,
    sum(sign * x) as x,
    sum(sign * y) as y,
    sum(sign * x * x) as xx,
    sum(sign * y * y) as yy,
    sum(sign * x * y) as xy,
    sum(sign * u) as u,
    sum(sign * v) as v,
    sum(sign * u * u) as uu,
    sum(sign * v * v) as vv,
    sum(sign * u * v) as uv,
    sum(sign * x * u) as xu,
    sum(sign * x * v) as xv,
    sum(sign * y * u) as yu,
    sum(sign * y * v) as yv
from unit_value
cross join lateral (select 1 - 2 * (arm %% 2) as sign) as kept
where metric = any(%(kept)s::integer [])
group by metric, arm / 2, bucket
