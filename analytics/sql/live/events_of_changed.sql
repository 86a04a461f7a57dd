-- What units whose exposures changed did, of the transactions that were read.
-- grain: one row an event; key: event_id, occurred_at; reads: pg_temp.step_unit, experiments_event
-- Looked up unit by unit: the planner takes the events of a new day for few, and would rather go through all of them
-- again for each unit.
select
    event.unit_id,
    event.name,
    event.occurred_at,
    event.amount,
    event.properties
from (
    select unit_id
    from pg_temp.step_unit
    where run_id = %(run_id)s and is_changed and variant_id is not null
) as unit
cross join lateral (
    select
        stored.unit_id,
        stored.name,
        stored.occurred_at,
        stored.amount,
        stored.properties
    from experiment.experiments_event as stored
    where
        stored.unit_id = unit.unit_id
        and stored.name = any(%(names)s::text [])
        and stored.occurred_at >= %(since)s
        and pg_visible_in_snapshot(stored.tx, %(to)s::pg_snapshot)
    offset 0
) as event
