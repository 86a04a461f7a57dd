-- What units with new events had done so far, and what they have done with these: of the sources that stand in a metric
-- with one that has new events, so that sums over others need not be touched.
-- grain: one row a sign, unit and source; writes: pg_temp.step_activity
-- reads: pg_temp.step_delta, analytics_livetotal
with part as (
    select
        source,
        metric
    from unnest(%(part_sources)s::integer [], %(part_metrics)s::integer []) as given (source, metric)
    where metric = any(%(kept)s::integer [])
),

together as (
    select distinct
        part.source,
        other.source as other_source
    from part
    inner join part as other on part.metric = other.metric
),

touched as (
    select distinct
        delta.unit_id,
        delta.arm,
        delta.bucket,
        together.other_source as source
    from pg_temp.step_delta as delta
    inner join together on delta.source = together.source
    where delta.run_id = %(run_id)s
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
        on total.run_id = %(run_id)s and touched.unit_id = total.unit_id and touched.source = total.source
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
    where run_id = %(run_id)s and source in (select source from part)
) as added
group by unit_id, arm, bucket, source
