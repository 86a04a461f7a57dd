-- Tables of a connection that hold what one step works on; each is empty again after the step's transaction.
-- grain: step_event one row a new event; step_unit one row a run and unit that the step concerns
-- writes: pg_temp.step_event, pg_temp.step_unit
create temporary table if not exists step_event (
    unit_id varchar(64) not null,
    name varchar(40) not null,
    occurred_at timestamptz not null,
    amount numeric(14, 2),
    properties jsonb not null
) on commit delete rows;

create temporary table if not exists step_unit (
    run_id bigint not null,
    unit_id varchar(64) not null,
    variant_id bigint,
    region smallint not null default 0,
    exposed_at timestamptz not null,
    was_variant_id bigint,
    was_region smallint,
    was_exposed_at timestamptz,
    is_changed boolean not null
) on commit delete rows
