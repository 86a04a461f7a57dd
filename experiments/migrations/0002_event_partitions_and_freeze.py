"""The partitioned events table, and triggers that keep a launched design frozen."""

from django.db import migrations

EVENTS = """
create table experiment.experiments_event (
    event_id uuid not null,
    occurred_at timestamptz not null,
    received_at timestamptz not null default now(),
    name varchar(40) not null,
    unit_id varchar(64) not null,
    amount numeric(14, 2),
    properties jsonb not null default '{}',
    primary key (event_id, occurred_at)
) partition by range (occurred_at);
create index experiments_event_by_unit on experiment.experiments_event (unit_id, name, occurred_at);
create index experiments_event_by_time on experiment.experiments_event using brin (occurred_at);

create function experiment.ensure_event_partition(day date) returns void
language plpgsql security definer set search_path = experiment, pg_temp as $$
declare
    partition text := 'experiments_event_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('experiment.' || partition) is null then
        perform pg_advisory_xact_lock(hashtext('event partition ' || partition));
        execute format(
            'create table if not exists experiment.%I partition of experiment.experiments_event
             for values from (%L) to (%L)',
            partition, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
        );
    end if;
end $$;
"""

FREEZE = """
create function experiment.refuse_change_of_frozen_design() returns trigger
language plpgsql as $$
begin
    if old.status <> 'draft' and new.status <> 'draft' and (
        (to_jsonb(old) - array['status', 'name', 'owner_id', 'updated_at'])
        is distinct from (to_jsonb(new) - array['status', 'name', 'owner_id', 'updated_at'])
    ) then
        raise exception 'the design of experiment % is frozen', old.key using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger experiment_frozen before update on experiment.experiments_experiment
    for each row execute function experiment.refuse_change_of_frozen_design();

create function experiment.refuse_change_of_frozen_part() returns trigger
language plpgsql as $$
declare
    part jsonb;
    state text;
begin
    foreach part in array array[to_jsonb(old), to_jsonb(new)] loop
        continue when part is null;
        select status into state from experiment.experiments_experiment where id = (part ->> 'experiment_id')::bigint;
        if state is not null and state <> 'draft' then
            raise exception 'the design of the experiment is frozen' using errcode = 'integrity_constraint_violation';
        end if;
    end loop;
    return coalesce(new, old);
end $$;
create trigger variant_frozen before insert or update or delete on experiment.experiments_variant
    for each row execute function experiment.refuse_change_of_frozen_part();
create trigger guardrail_frozen before insert or update or delete on experiment.experiments_guardrail
    for each row execute function experiment.refuse_change_of_frozen_part();

create function experiment.refuse_change_of_history() returns trigger
language plpgsql as $$
begin
    if tg_op = 'DELETE' or (to_jsonb(old) - tg_argv) is distinct from (to_jsonb(new) - tg_argv) then
        raise exception '% rows are history and never change', tg_table_name
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger run_is_history before update or delete on experiment.experiments_run
    for each row execute function experiment.refuse_change_of_history('stopped_at', 'started_by_id');
create trigger feature_revision_is_history before update or delete on experiment.experiments_featurerevision
    for each row execute function experiment.refuse_change_of_history('author_id');
"""

UNDO = """
drop trigger feature_revision_is_history on experiment.experiments_featurerevision;
drop trigger run_is_history on experiment.experiments_run;
drop trigger guardrail_frozen on experiment.experiments_guardrail;
drop trigger variant_frozen on experiment.experiments_variant;
drop trigger experiment_frozen on experiment.experiments_experiment;
drop function experiment.refuse_change_of_history();
drop function experiment.refuse_change_of_frozen_part();
drop function experiment.refuse_change_of_frozen_design();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0001_design_and_intake")]

    operations = [
        migrations.RunSQL(EVENTS, "drop function experiment.ensure_event_partition(date); drop table experiment.experiments_event"),
        migrations.RunSQL(FREEZE, UNDO),
    ]
