-- How changes join the sums that are kept.
-- grain: one row a run, metric, variant, region and bucket; writes: analytics_livesum
on conflict (run_id, metric, variant_id, region, bucket) do update set
    x = kept.x + excluded.x,
    y = kept.y + excluded.y,
    xx = kept.xx + excluded.xx,
    yy = kept.yy + excluded.yy,
    xy = kept.xy + excluded.xy,
    u = kept.u + excluded.u,
    v = kept.v + excluded.v,
    uu = kept.uu + excluded.uu,
    vv = kept.vv + excluded.vv,
    uv = kept.uv + excluded.uv,
    xu = kept.xu + excluded.xu,
    xv = kept.xv + excluded.xv,
    yu = kept.yu + excluded.yu,
    yv = kept.yv + excluded.yv
