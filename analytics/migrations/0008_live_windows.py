"""Windows, and who takes part in the followed runs."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0007_live_checkpoint'),
    ]

    operations = [
        migrations.CreateModel(
            name='LiveArm',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'variant_id', 'region', 'bucket', blank=True, editable=False, primary_key=True, serialize=False)),
                ('run_id', models.BigIntegerField(verbose_name='run')),
                ('variant_id', models.BigIntegerField(verbose_name='variant')),
                ('region', models.PositiveSmallIntegerField(verbose_name='region')),
                ('bucket', models.DateTimeField(verbose_name='bucket')),
                ('units', models.BigIntegerField(verbose_name='units')),
            ],
            options={
                'verbose_name': 'followed units by place',
                'verbose_name_plural': 'followed units by place',
            },
        ),
        migrations.CreateModel(
            name='LiveWindow',
            fields=[
                ('pk', models.CompositePrimaryKey('starts_at', 'run_id', 'variant_id', 'feature', blank=True, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField(verbose_name='starts at')),
                ('run_id', models.BigIntegerField(verbose_name='run')),
                ('variant_id', models.BigIntegerField(verbose_name='variant')),
                ('feature', models.CharField(max_length=60, verbose_name='feature')),
                ('impressions', models.BigIntegerField(verbose_name='impressions')),
                ('clicks', models.BigIntegerField(verbose_name='clicks')),
                ('orders', models.BigIntegerField(verbose_name='orders')),
                ('revenue', models.DecimalField(decimal_places=2, max_digits=20, verbose_name='revenue')),
                ('late', models.BigIntegerField(verbose_name='late events')),
            ],
            options={
                'verbose_name': 'window',
                'verbose_name_plural': 'windows',
            },
        ),
        migrations.AddField(
            model_name='livecheckpoint',
            name='windows_from',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='Earlier windows are not kept.', verbose_name='windows from'),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='livecheckpoint',
            name='watermark',
            field=models.DateTimeField(help_text='Windows that end by this moment are closed.', verbose_name='watermark'),
        ),
        migrations.CreateModel(
            name='LiveRun',
            fields=[
                ('run_id', models.BigIntegerField(primary_key=True, serialize=False, verbose_name='run')),
                ('phases', models.PositiveIntegerField(help_text='So many phases are in the numbers.', verbose_name='phases')),
                ('grain', models.CharField(default='second', help_text='Length of the buckets of first exposures.', max_length=6, verbose_name='grain')),
                ('exposures', models.BigIntegerField(default=0, help_text='One a unit and variant.', verbose_name='exposures')),
                ('multiple', models.BigIntegerField(default=0, verbose_name='units in several variants')),
                ('first_at', models.DateTimeField(null=True, verbose_name='first exposure')),
                ('last_at', models.DateTimeField(null=True, verbose_name='last exposure')),
                ('changes', models.BigIntegerField(default=0, verbose_name='changes')),
            ],
            options={
                'verbose_name': 'followed run',
                'verbose_name_plural': 'followed runs',
                'constraints': [models.CheckConstraint(condition=models.Q(('grain__in', ['second', 'minute', 'hour', 'day'])), name='live_run_grain')],
            },
        ),
        migrations.CreateModel(
            name='LiveUnit',
            fields=[
                ('pk', models.CompositePrimaryKey('unit_id', 'run_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('unit_id', models.CharField(max_length=64, verbose_name='unit')),
                ('run_id', models.BigIntegerField(verbose_name='run')),
                ('variant_id', models.BigIntegerField(null=True, verbose_name='variant')),
                ('region', models.PositiveSmallIntegerField(help_text='See analytics.results.phases.', verbose_name='region')),
                ('exposed_at', models.DateTimeField(verbose_name='first exposed at')),
                ('as_of', models.BigIntegerField(help_text='End of the step that saw its exposures change last.', verbose_name='as of')),
            ],
            options={
                'verbose_name': 'followed unit',
                'verbose_name_plural': 'followed units',
                'indexes': [models.Index(fields=['run_id', 'exposed_at'], name='live_unit_by_run')],
            },
        ),
    ]
