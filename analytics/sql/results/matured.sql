-- Units whose days of return are over, of the metrics that wait for them.
-- grain: one row an arm, bucket and metric; key: (arm, bucket, metric); reads: unit
select
    unit.arm,
    unit.bucket,
    due.metric,
    count(*) as units
from unit
inner join unnest(%(due_metrics)s::integer [], %(due_before)s::timestamptz []) as due (metric, exposed_before)
    on unit.exposed_at <= due.exposed_before
where unit.arm is not null
group by unit.arm, unit.bucket, due.metric
