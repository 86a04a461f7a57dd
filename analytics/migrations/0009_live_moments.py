"""Totals of units and sums over them, of the followed runs."""

import analytics.models.exact
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0008_live_windows'),
    ]

    operations = [
        migrations.CreateModel(
            name='LiveSum',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'metric', 'variant_id', 'region', 'bucket', blank=True, editable=False, primary_key=True, serialize=False)),
                ('run_id', models.BigIntegerField(verbose_name='run')),
                ('metric', models.PositiveSmallIntegerField(help_text="Its place among the design's metrics, from 1.", verbose_name='metric')),
                ('variant_id', models.BigIntegerField(verbose_name='variant')),
                ('region', models.PositiveSmallIntegerField(verbose_name='region')),
                ('bucket', models.DateTimeField(verbose_name='bucket')),
                ('x', analytics.models.exact.ExactField(verbose_name='x')),
                ('y', analytics.models.exact.ExactField(verbose_name='y')),
                ('xx', analytics.models.exact.ExactField(verbose_name='xx')),
                ('yy', analytics.models.exact.ExactField(verbose_name='yy')),
                ('xy', analytics.models.exact.ExactField(verbose_name='xy')),
                ('u', analytics.models.exact.ExactField(verbose_name='u')),
                ('v', analytics.models.exact.ExactField(verbose_name='v')),
                ('uu', analytics.models.exact.ExactField(verbose_name='uu')),
                ('vv', analytics.models.exact.ExactField(verbose_name='vv')),
                ('uv', analytics.models.exact.ExactField(verbose_name='uv')),
                ('xu', analytics.models.exact.ExactField(verbose_name='xu')),
                ('xv', analytics.models.exact.ExactField(verbose_name='xv')),
                ('yu', analytics.models.exact.ExactField(verbose_name='yu')),
                ('yv', analytics.models.exact.ExactField(verbose_name='yv')),
            ],
            options={
                'verbose_name': 'followed sums',
                'verbose_name_plural': 'followed sums',
            },
        ),
        migrations.CreateModel(
            name='LiveTotal',
            fields=[
                ('pk', models.CompositePrimaryKey('run_id', 'unit_id', 'source', blank=True, editable=False, primary_key=True, serialize=False)),
                ('run_id', models.BigIntegerField(verbose_name='run')),
                ('unit_id', models.CharField(max_length=64, verbose_name='unit')),
                ('source', models.PositiveSmallIntegerField(verbose_name='source')),
                ('events', models.BigIntegerField(verbose_name='events')),
                ('amount', analytics.models.exact.ExactField(verbose_name='amount')),
                ('delay', models.DurationField(help_text='From the first exposure to the first event.', null=True, verbose_name='delay')),
            ],
            options={
                'verbose_name': 'followed total',
                'verbose_name_plural': 'followed totals',
            },
        ),
    ]
