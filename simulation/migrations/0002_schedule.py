"""Put the simulation's periodic work into the schedule, where admins can change it."""

from django.db import migrations

WORK = (
    ("Background traffic", "simulation.send_background_traffic", 20, 15),
    ("Take over stalled swarm batches", "simulation.take_over_stalled_batches", 30, 25),
    ("Read the shop's catalogue", "simulation.read_catalogue", 1800, 600),
)


def schedule(apps, schema_editor):
    intervals = apps.get_model("django_celery_beat", "IntervalSchedule")
    tasks = apps.get_model("django_celery_beat", "PeriodicTask")
    for name, task, seconds, expires in WORK:
        every, _made = intervals.objects.get_or_create(every=seconds, period="seconds")
        tasks.objects.get_or_create(name=name, defaults={"task": task, "interval": every, "expire_seconds": expires})


def unschedule(apps, schema_editor):
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=[name for name, *_ in WORK]).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("simulation", "0001_swarm_and_history"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(schedule, unschedule)]
