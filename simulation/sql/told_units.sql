-- A place for units and the number of what was told of them, for one transaction.
-- grain: one row a unit; key: unit_id; writes: pg_temp.told_units
create temporary table if not exists told_units (
    unit_id text,
    told integer,
    seen_at timestamptz
) on commit drop
