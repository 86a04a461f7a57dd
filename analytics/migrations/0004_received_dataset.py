"""The first dataset: what this installation receives itself."""

from django.db import migrations

RECEIVED = """
insert into warehouse.analytics_dataset (id, key, name, form, currency, zone, created_at)
values (1, 'received', 'Received events', 'received', 'KRW', '', now());
select setval(pg_get_serial_sequence('warehouse.analytics_dataset', 'id'), 1);
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0003_imported_logs")]

    operations = [migrations.RunSQL(RECEIVED, "delete from warehouse.analytics_dataset where id = 1")]
