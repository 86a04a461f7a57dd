-- Keep what was told of units (by its number, from 0, in the list of all that can be said): of two values of an attribute the later.
-- grain: one row a unit; key: unit_id; reads: pg_temp.told_units; writes: experiments_unit, pg_temp.told_units
with told as (delete from pg_temp.told_units returning unit_id, told, seen_at)

insert into experiment.experiments_unit as known (unit_id, attributes, first_seen_at, updated_at)
select
    told.unit_id,
    said.attributes,
    told.seen_at,
    told.seen_at
from told
inner join unnest(%(said)s::jsonb []) with ordinality as said (attributes, number) on told.told = said.number - 1
order by told.unit_id
on conflict (unit_id) do update set
    attributes = case
        when excluded.updated_at >= known.updated_at then known.attributes || excluded.attributes
        else excluded.attributes || known.attributes
    end,
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    updated_at = greatest(known.updated_at, excluded.updated_at)
