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
    coalesce(sum(sign * u), 0) as u,
    coalesce(sum(sign * v), 0) as v,
    coalesce(sum(sign * u * u), 0) as uu,
    coalesce(sum(sign * v * v), 0) as vv,
    coalesce(sum(sign * u * v), 0) as uv,
    coalesce(sum(sign * x * u), 0) as xu,
    coalesce(sum(sign * x * v), 0) as xv,
    coalesce(sum(sign * y * u), 0) as yu,
    coalesce(sum(sign * y * v), 0) as yv
from unit_value
cross join lateral (select 1 - 2 * (arm %% 2) as sign) as kept
where metric = any(%(kept)s::integer [])
group by metric, arm / 2, bucket
