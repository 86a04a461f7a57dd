-- The percentile at which a metric is capped: of the units above zero, all variants together.
-- grain: one row a metric with such a cap; key: metric; reads: unit_value
select
    metric,
    percentile_disc((%(percentiles)s::double precision [])[metric]) within group (order by x) as limit_value
from unit_value
where
    arm is not null
    and x > 0
    and (%(percentiles)s::double precision [])[metric] is not null
group by metric
