-- The units of a followed run that saw one variant.
-- grain: one row a unit; key: unit_id; reads: analytics_liveunit
select
    unit_id,
    variant_id * %(strata)s + region as arm,
    exposed_at,
    greatest(
        date_trunc(%(grain)s, exposed_at, %(zone)s),
        (%(phase_starts)s::timestamptz [])[width_bucket(exposed_at, %(phase_starts)s::timestamptz [])]
    ) as bucket
from warehouse.analytics_liveunit
where run_id = %(run_id)s and variant_id is not null
