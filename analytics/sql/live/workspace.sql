-- Tables of a connection that hold what one step works on; each is empty again after the step's transaction.
-- grain: as named; writes: pg_temp.step_event
create temporary table if not exists step_event (
    unit_id varchar(64) not null,
    name varchar(40) not null,
    occurred_at timestamptz not null,
    amount numeric(14, 2),
    properties jsonb not null
) on commit delete rows
