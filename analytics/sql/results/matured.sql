-- Units whose days of return are over, of the metrics that wait for them.
-- grain: one row a variant, bucket and metric; key: (variant_id, bucket, metric); reads: unit
select
    unit.variant_id,
    unit.bucket,
    due.metric,
    count(*) as units
from unit
inner join unnest(%(due_metrics)s::integer [], %(due_before)s::timestamptz []) as due (metric, exposed_before)
    on unit.exposed_at <= due.exposed_before
where unit.variant_id is not null
group by unit.variant_id, unit.bucket, due.metric
