"""How far the reader of new events and exposures is."""

from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0006_marts_of_datasets"),
    ]

    operations = [
        migrations.CreateModel(
            name="LiveCheckpoint",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                (
                    "visible",
                    models.TextField(
                        help_text="Postgres' snapshot (pg_snapshot): what is visible in it was read.",
                        verbose_name="visible transactions",
                    ),
                ),
                ("step", models.BigIntegerField(help_text="Grows by one with each step.", verbose_name="step")),
                (
                    "complete_at",
                    models.DateTimeField(
                        help_text="All that was committed before this moment was read.", verbose_name="complete at"
                    ),
                ),
                (
                    "watermark",
                    models.DateTimeField(
                        help_text="Windows that end before this moment are closed.", verbose_name="watermark"
                    ),
                ),
                (
                    "events",
                    models.BigIntegerField(
                        default=0, help_text="Read since the reader first started.", verbose_name="events"
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        help_text="Reporting zone by whose days the moments are cut.",
                        max_length=60,
                        verbose_name="zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "reader's checkpoint",
                "verbose_name_plural": "reader's checkpoint",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="live_checkpoint_single")],
            },
        ),
    ]
