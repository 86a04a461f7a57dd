"""Two first writers of a day: the second finds the partition that the first made while it waited."""

from django.db import migrations

# A lock does not refresh what to_regclass remembers of a table that was not there; a query of the catalogue sees it.
FRESH = "exists (select from pg_catalog.pg_class where relname = partition and relnamespace = 'experiment'::regnamespace)"
REMEMBERED = "to_regclass('experiment.' || partition) is not null"


def function(is_there: str) -> str:
    return f"""
create or replace function experiment.ensure_event_partition(day date) returns void
language plpgsql security definer set search_path = experiment, pg_temp as $$
declare
    partition text := 'experiments_event_' || to_char(day, 'YYYYMMDD');
begin
    if to_regclass('experiment.' || partition) is null then
        perform pg_advisory_xact_lock(hashtext('event partition ' || partition));
        if not {is_there} then
            -- Attaching lets others read and write the table meanwhile; "create ... partition of" would stop them.
            execute format('create table experiment.%I (like experiment.experiments_event including defaults)', partition);
            execute format(
                'alter table experiment.experiments_event attach partition experiment.%I for values from (%L) to (%L)',
                partition, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC'
            );
        end if;
    end if;
end $$;
"""  # noqa: S608 - our own text


class Migration(migrations.Migration):
    dependencies = [("experiments", "0016_live_in_a_layer_has_a_slot")]

    operations = [migrations.RunSQL(function(FRESH), function(f"({REMEMBERED})"))]
