"""Which transaction wrote an event or an exposure, so that a reader can follow them in the order of commits."""

from django.db import migrations

# The default is not volatile, so that rows that are there already get this migration's transaction without a rewrite;
# partitions take the default and the index from the table.
FORWARDS = """
alter table experiment.experiments_event add column tx xid8 not null default pg_current_xact_id();
alter table experiment.experiments_exposure add column tx xid8 not null default pg_current_xact_id();
create index experiments_event_by_tx on experiment.experiments_event (tx);
create index experiments_exposure_by_tx on experiment.experiments_exposure (tx);
comment on column experiment.experiments_event.tx is 'Transaction that stored the row; see analytics.live.';
comment on column experiment.experiments_exposure.tx is 'Transaction that stored the row; see analytics.live.';
"""
BACKWARDS = """
alter table experiment.experiments_event drop column tx;
alter table experiment.experiments_exposure drop column tx;
"""


class Migration(migrations.Migration):
    dependencies = [("experiments", "0018_withdrawn_reviews")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
