"""The first marts make room for those of several datasets; they are built again from the raw events."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("analytics", "0004_received_dataset")]

    operations = [migrations.DeleteModel(name) for name in ("DailyMetric", "VisitorDay", "UserStat", "MartRun")]
