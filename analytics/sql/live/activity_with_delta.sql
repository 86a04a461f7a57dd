-- What units with new events had done so far, and what they have done with these.
-- grain: one row a sign, unit and source; writes: pg_temp.step_activity
-- reads: pg_temp.step_delta, analytics_livetotal
with touched as (
    select unit_id, min(arm) as arm, min(bucket) as bucket
    from pg_temp.step_delta
    where run_id = %(run_id)s
    group by unit_id
),

stored as (
    select
        touched.unit_id,
        touched.arm,
        touched.bucket,
        total.source,
        total.events,
        total.amount,
        total.delay
    from touched
    inner join warehouse.analytics_livetotal as total
        on total.run_id = %(run_id)s and touched.unit_id = total.unit_id
)

insert into pg_temp.step_activity (run_id, sign, unit_id, arm, bucket, source, events, amount, delay)
select %(run_id)s, -1, unit_id, arm, bucket, source, events, amount, delay
from stored
union all
select %(run_id)s, 1, unit_id, arm, bucket, source, sum(events), sum(amount), min(delay)
from (
    select unit_id, arm, bucket, source, events, amount, delay
    from stored
    union all
    select unit_id, arm, bucket, source, events, amount, delay
    from pg_temp.step_delta
    where run_id = %(run_id)s
) as together
group by unit_id, arm, bucket, source
