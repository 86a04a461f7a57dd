-- Keep what became known of units: of two values of an attribute the later, and what is not told stays as it was.
-- grain: one row a unit; key: unit_id; writes: experiments_unit
insert into experiment.experiments_unit as known (unit_id, attributes, first_seen_at, updated_at)
select
    unit_id,
    attributes,
    seen_at,
    seen_at
from unnest(
    %(units)s::text [],
    %(attributes)s::jsonb [],
    %(times)s::timestamptz []
) as new (unit_id, attributes, seen_at)
order by unit_id
on conflict (unit_id) do update set
    attributes = case
        when excluded.updated_at >= known.updated_at then known.attributes || excluded.attributes
        else excluded.attributes || known.attributes
    end,
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    updated_at = greatest(known.updated_at, excluded.updated_at)
