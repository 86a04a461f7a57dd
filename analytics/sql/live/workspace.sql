-- Tables of a connection that hold what one step works on; each is empty again after the step's transaction.
-- grain: step_event one row a new event; step_unit one row a run and unit that the step concerns; step_delta one row a
-- unit and source with new events; step_activity one row a run, unit and source, as it was (sign -1) or is (sign 1)
-- writes: pg_temp.step_event, pg_temp.step_unit, pg_temp.step_delta, pg_temp.step_activity
set local work_mem = '64MB';

-- Three thousand rows of a step tell the planner enough of it.
set local default_statistics_target = 10;

-- Were the end of a step lost with the machine, its checkpoint would be, too, and the step would be taken again.
set local synchronous_commit = off;

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
) on commit delete rows;

create temporary table if not exists step_delta (
    run_id bigint not null,
    unit_id varchar(64) not null,
    arm bigint not null,
    bucket timestamptz not null,
    source integer not null,
    events bigint not null,
    amount numeric not null,
    delay interval
) on commit delete rows;

create temporary table if not exists step_activity (
    run_id bigint not null,
    sign smallint not null default 1,
    unit_id varchar(64) not null,
    arm bigint not null,
    bucket timestamptz not null,
    source integer not null,
    events bigint not null,
    amount numeric not null,
    delay interval
) on commit delete rows
