"""The ids of events that programs sent, each once; and partitions that are made without stopping readers."""

from django.db import migrations, models

ATTACH = """
create or replace function experiment.ensure_event_partition(day date) returns void
language plpgsql security definer set search_path = experiment, pg_temp as $$
declare
    partition text := 'experiments_event_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('experiment.' || partition) is null then
        perform pg_advisory_xact_lock(hashtext('event partition ' || partition));
        if to_regclass('experiment.' || partition) is null then
            -- Attaching lets others read and write the table meanwhile; "create ... partition of" would stop them.
            execute format('create table experiment.%I (like experiment.experiments_event including defaults)', partition);
            execute format(
                'alter table experiment.experiments_event attach partition experiment.%I for values from (%L) to (%L)',
                partition, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
            );
        end if;
    end if;
end $$;
revoke all on function experiment.ensure_event_partition(date) from public;
"""

BEFORE = """
create or replace function experiment.ensure_event_partition(day date) returns void
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
grant execute on function experiment.ensure_event_partition(date) to public;
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0004_planning_inputs")]

    operations = [
        migrations.CreateModel(
            name="ReceivedEventId",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False, verbose_name="event id")),
                ("received_at", models.DateTimeField(auto_now_add=True, verbose_name="received at")),
            ],
            options={"verbose_name": "received event id", "verbose_name_plural": "received event ids"},
        ),
        migrations.RunSQL(ATTACH, BEFORE),
    ]
