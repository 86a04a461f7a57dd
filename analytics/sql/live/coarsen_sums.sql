-- Put the sums of a run's buckets together to longer ones.
-- grain: one row a metric, variant, region and bucket of the run; writes: analytics_livesum
with finer as (
    delete from warehouse.analytics_livesum
    where run_id = %(run_id)s
    returning *
)

insert into warehouse.analytics_livesum (
    run_id, metric, variant_id, region, bucket, x, y, xx, yy, xy, u, v, uu, vv, uv, xu, xv, yu, yv
)
select
    run_id,
    metric,
    variant_id,
    region,
    greatest(
        date_trunc(%(grain)s, bucket, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(bucket, %(phase_starts)s::timestamptz [])]
    ) as longer,
    sum(x),
    sum(y),
    sum(xx),
    sum(yy),
    sum(xy),
    sum(u),
    sum(v),
    sum(uu),
    sum(vv),
    sum(uv),
    sum(xu),
    sum(xv),
    sum(yu),
    sum(yv)
from finer
group by run_id, metric, variant_id, region, longer
