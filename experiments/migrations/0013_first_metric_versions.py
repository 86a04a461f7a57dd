"""Versions of metrics as history, and the first version of the metrics that there are."""

from django.db import migrations

FIRST = """
insert into experiment.experiments_metricversion (metric_id, number, definition, note, created_at)
select
    metric.id,
    metric.version,
    to_jsonb(metric) - array['id', 'key', 'name', 'description', 'team_id', 'owner_id', 'version', 'created_at'],
    '',
    metric.created_at
from experiment.experiments_metric as metric
where not exists (select 1 from experiment.experiments_metricversion as version where version.metric_id = metric.id)
"""

# A version goes only with its metric, and a metric only while no experiment uses it.
HISTORY = """
create function experiment.refuse_removal_of_metric_version() returns trigger
language plpgsql as $$
begin
    if exists (select 1 from experiment.experiments_metric where id = old.metric_id) then
        raise exception 'metric version rows are history and never go' using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end $$;
create trigger metric_version_is_history before update on experiment.experiments_metricversion
    for each row execute function experiment.refuse_change_of_history('author_id');
create constraint trigger metric_version_stays after delete on experiment.experiments_metricversion
    deferrable initially deferred
    for each row execute function experiment.refuse_removal_of_metric_version();
"""

UNDO = """
drop trigger metric_version_stays on experiment.experiments_metricversion;
drop trigger metric_version_is_history on experiment.experiments_metricversion;
drop function experiment.refuse_removal_of_metric_version();
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0012_metric_catalogue")]

    operations = [
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        migrations.RunSQL(HISTORY, UNDO),
    ]
