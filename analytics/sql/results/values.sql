-- The units' values of the metrics whose quantiles are compared.
-- grain: one row an arm, bucket and metric; key: (arm, bucket, metric); reads: unit_value
select
    arm,
    bucket,
    metric,
    array_agg(x::double precision) as unit_values
from unit_value
where arm is not null and metric = any(%(quantiles)s::integer [])
group by arm, bucket, metric
