"""A review that whoever asked for it took back; on the way back it counts as one whose design changed."""

from django.db import migrations, models


SUPERSEDE = """
alter table experiment.experiments_review disable trigger decided_review_is_history;
update experiment.experiments_review set verdict = 'superseded' where verdict = 'withdrawn';
alter table experiment.experiments_review enable trigger decided_review_is_history;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("experiments", "0017_partition_made_by_another"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="review", name="review_verdict_known"),
        migrations.AlterField(
            model_name="review",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Waiting for a reviewer"),
                    ("approved", "Approved"),
                    ("changes_requested", "Changes asked for"),
                    ("superseded", "Design changed before it was read"),
                    ("withdrawn", "Withdrawn before it was read"),
                ],
                default="",
                max_length=20,
                verbose_name="verdict",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(verdict__in=["", "approved", "changes_requested", "superseded", "withdrawn"]),
                name="review_verdict_known",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, SUPERSEDE),
    ]
