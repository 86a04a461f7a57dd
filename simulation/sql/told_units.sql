-- A place for units and what was told of them, for one transaction.
-- grain: one row a unit; key: unit_id; writes: pg_temp.told_units
create temporary table if not exists told_units (
    unit_id text,
    attributes jsonb,
    seen_at timestamptz
) on commit drop
