-- Which runs a step concerns: units, and how many more of them saw several variants.
-- grain: one row a run; key: run_id; reads: pg_temp.step_unit
select
    run_id,
    count(*) filter (where is_changed) as changed,
    count(*) filter (where was_exposed_at is not null) as moved,
    count(*) filter (where not is_changed) as known,
    coalesce(
        sum(
            (variant_id is null)::integer - (was_exposed_at is not null and was_variant_id is null)::integer
        ) filter (where is_changed), 0
    )::bigint as multiple,
    min(least(exposed_at, was_exposed_at)) filter (where is_changed) as earliest
from pg_temp.step_unit
group by run_id
