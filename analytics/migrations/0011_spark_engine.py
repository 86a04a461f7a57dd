from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0010_quality_gates'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='martrun',
            name='mart_run_engine_known',
        ),
        migrations.AlterField(
            model_name='martrun',
            name='engine',
            field=models.CharField(choices=[('postgres', 'Postgres'), ('duckdb', 'DuckDB'), ('spark', 'Spark')], default='postgres', max_length=8, verbose_name='engine'),
        ),
        migrations.AddConstraint(
            model_name='martrun',
            constraint=models.CheckConstraint(condition=models.Q(('engine__in', ['postgres', 'duckdb', 'spark'])), name='mart_run_engine_known'),
        ),
    ]
