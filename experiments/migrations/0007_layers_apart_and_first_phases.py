"""Keep live experiments of a layer apart, phases as history, and give earlier runs the phase they had."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

APART = """
alter table experiment.experiments_experiment
    add constraint experiment_slots_apart exclude using gist (
        layer_id with =, int4range(layer_start, layer_end) with &&
    ) where (status in ('running', 'paused') and layer_id is not null),
    add constraint experiment_feature_in_one_layer exclude using gist (
        feature_id with =, coalesce(layer_id, 0) with <>
    ) where (status in ('running', 'paused'));
"""

UNDO_APART = """
alter table experiment.experiments_experiment
    drop constraint experiment_slots_apart, drop constraint experiment_feature_in_one_layer;
"""

FREEZE = """
create or replace function experiment.refuse_change_of_frozen_design() returns trigger
language plpgsql as $$
declare
    free constant text[] := array['status', 'name', 'owner_id', 'updated_at', 'starts_at', 'ends_at'];
begin
    if old.status <> 'draft' and new.status <> 'draft' and (
        (to_jsonb(old) - free) is distinct from (to_jsonb(new) - free)
    ) then
        raise exception 'the design of experiment % is frozen', old.key using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger phase_is_history before update or delete on experiment.experiments_phase
    for each row execute function experiment.refuse_change_of_history('actor_id');
"""

UNDO_FREEZE = """
drop trigger phase_is_history on experiment.experiments_phase;
create or replace function experiment.refuse_change_of_frozen_design() returns trigger
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
"""

FIRST_PHASES = """
insert into experiment.experiments_phase (
    run_id, number, kind, paused, coverage, weights, allotment, started_at, actor_id, note
)
select
    run.id, 1, 'launch', false, (run.snapshot ->> 'coverage')::float8, arms.weights, arms.allotment,
    run.started_at, run.started_by_id, ''
from experiment.experiments_run as run
cross join lateral (
    select
        jsonb_agg(weight order by position) as weights,
        jsonb_agg(
            jsonb_build_array(jsonb_build_array(before, before + (run.snapshot ->> 'coverage')::float8 * weight))
            order by position
        ) as allotment
    from (
        select
            ordinality as position,
            (variant ->> 'weight')::float8 as weight,
            coalesce(
                sum((variant ->> 'weight')::float8) over (
                    order by ordinality rows between unbounded preceding and 1 preceding
                ), 0
            ) as before
        from jsonb_array_elements(run.snapshot -> 'variants') with ordinality as each_one (variant, ordinality)
    ) as weighted
) as arms
where not exists (select 1 from experiment.experiments_phase as phase where phase.run_id = run.id)
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0006_phases_layers_holdout")]

    operations = [
        BtreeGistExtension(),
        migrations.RunSQL(APART, UNDO_APART),
        migrations.RunSQL(FREEZE, UNDO_FREEZE),
        migrations.RunSQL(FIRST_PHASES, migrations.RunSQL.noop),
    ]
