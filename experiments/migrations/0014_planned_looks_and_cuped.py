from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0013_first_metric_versions'),
    ]

    operations = [
        migrations.AddField(
            model_name='experiment',
            name='cuped_correlation',
            field=models.FloatField(blank=True, help_text="Of the OEC with the unit's own past, as the plan counted on it; empty without CUPED.", null=True, verbose_name='CUPED correlation'),
        ),
        migrations.AddField(
            model_name='experiment',
            name='looks',
            field=models.PositiveSmallIntegerField(default=1, help_text='How often the plan reads the results: 1 is once at the end, 0 at any time, else at so many looks.', verbose_name='looks'),
        ),
        migrations.AddConstraint(
            model_name='experiment',
            constraint=models.CheckConstraint(condition=models.Q(('looks__lte', 20)), name='experiment_looks_in_range'),
        ),
        migrations.AddConstraint(
            model_name='experiment',
            constraint=models.CheckConstraint(condition=models.Q(('cuped_correlation__isnull', True), models.Q(('cuped_correlation__gt', -1), ('cuped_correlation__lt', 1)), _connector='OR'), name='experiment_cuped_correlation_in_range'),
        ),
    ]
