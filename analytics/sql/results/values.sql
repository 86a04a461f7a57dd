-- The units' values of the metrics whose quantiles are compared.
-- grain: one row a variant, bucket and metric; key: (variant_id, bucket, metric); reads: unit_value
select
    variant_id,
    bucket,
    metric,
    array_agg(x::double precision) as unit_values
from unit_value
where variant_id is not null and metric = any(%(quantiles)s::integer [])
group by variant_id, bucket, metric
