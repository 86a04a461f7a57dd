"""Datasets, the checkpoints of their files, refused lines, and the raw tables with a partition a dataset.

The wide columns come first, so that a row has no padding.
"""

import django.db.models.deletion
from django.db import migrations, models


RAW = """
create table warehouse.analytics_rawretailrocketevent (
    line bigint not null,
    at_ms bigint not null,
    visitor bigint not null,
    item bigint not null,
    transaction bigint,
    dataset_id smallint not null,
    event text not null
) partition by list (dataset_id);
create table warehouse.analytics_rawretailrocketcategory (
    line bigint not null,
    category bigint not null,
    parent bigint,
    dataset_id smallint not null
) partition by list (dataset_id);
create table warehouse.analytics_rawretailrocketproperty (
    line bigint not null,
    at_ms bigint not null,
    item bigint not null,
    dataset_id smallint not null,
    part smallint not null,
    property text not null,
    value text not null
) partition by list (dataset_id);
create table warehouse.analytics_rawcdnowpurchase (
    line bigint not null,
    customer bigint not null,
    date integer not null,
    cds integer not null,
    dataset_id smallint not null,
    dollars numeric(10, 2) not null
) partition by list (dataset_id);
create table warehouse.analytics_rawopenbanditimpression (
    line bigint not null,
    at_ms bigint not null,
    item bigint not null,
    propensity double precision not null,
    position integer not null,
    dataset_id smallint not null,
    click boolean not null,
    policy text not null,
    campaign text not null,
    user_feature_0 text not null,
    user_feature_1 text not null
) partition by list (dataset_id);
"""

UNDO = """
drop table warehouse.analytics_rawopenbanditimpression;
drop table warehouse.analytics_rawcdnowpurchase;
drop table warehouse.analytics_rawretailrocketproperty;
drop table warehouse.analytics_rawretailrocketcategory;
drop table warehouse.analytics_rawretailrocketevent;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0002_history_never_changes'),
    ]

    operations = [
        migrations.RunSQL(RAW, UNDO),
        migrations.CreateModel(
            name='RawCdnowPurchase',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('line', models.BigIntegerField(verbose_name='line')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('customer', models.BigIntegerField(verbose_name='customer')),
                ('date', models.IntegerField(help_text='As yyyymmdd.', verbose_name='date')),
                ('cds', models.IntegerField(verbose_name='CDs')),
                ('dollars', models.DecimalField(decimal_places=2, max_digits=10, verbose_name='dollars')),
            ],
            options={
                'verbose_name': 'raw CDNOW purchase',
                'verbose_name_plural': 'raw CDNOW purchases',
                'ordering': ['dataset_id', 'line'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='RawOpenBanditImpression',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('line', models.BigIntegerField(verbose_name='line')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('policy', models.TextField(verbose_name='policy')),
                ('campaign', models.TextField(verbose_name='campaign')),
                ('at_ms', models.BigIntegerField(verbose_name='time')),
                ('item', models.BigIntegerField(verbose_name='item')),
                ('position', models.IntegerField(verbose_name='position')),
                ('click', models.BooleanField(verbose_name='click')),
                ('propensity', models.FloatField(verbose_name='propensity')),
                ('user_feature_0', models.TextField(verbose_name='user feature 0')),
                ('user_feature_1', models.TextField(verbose_name='user feature 1')),
            ],
            options={
                'verbose_name': 'raw Open Bandit impression',
                'verbose_name_plural': 'raw Open Bandit impressions',
                'ordering': ['dataset_id', 'line'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='RawRetailRocketCategory',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('line', models.BigIntegerField(verbose_name='line')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('category', models.BigIntegerField(verbose_name='category')),
                ('parent', models.BigIntegerField(null=True, verbose_name='parent')),
            ],
            options={
                'verbose_name': 'raw RetailRocket category',
                'verbose_name_plural': 'raw RetailRocket categories',
                'ordering': ['dataset_id', 'line'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='RawRetailRocketEvent',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('line', models.BigIntegerField(verbose_name='line')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('at_ms', models.BigIntegerField(verbose_name='time')),
                ('visitor', models.BigIntegerField(verbose_name='visitor')),
                ('event', models.TextField(verbose_name='event')),
                ('item', models.BigIntegerField(verbose_name='item')),
                ('transaction', models.BigIntegerField(null=True, verbose_name='transaction')),
            ],
            options={
                'verbose_name': 'raw RetailRocket event',
                'verbose_name_plural': 'raw RetailRocket events',
                'ordering': ['dataset_id', 'line'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='RawRetailRocketProperty',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('line', models.BigIntegerField(verbose_name='line')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'part', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('part', models.SmallIntegerField(verbose_name='part')),
                ('at_ms', models.BigIntegerField(verbose_name='time')),
                ('item', models.BigIntegerField(verbose_name='item')),
                ('property', models.TextField(verbose_name='property')),
                ('value', models.TextField(verbose_name='value')),
            ],
            options={
                'verbose_name': 'raw RetailRocket item property',
                'verbose_name_plural': 'raw RetailRocket item properties',
                'ordering': ['dataset_id', 'part', 'line'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Dataset',
            fields=[
                ('id', models.SmallAutoField(primary_key=True, serialize=False)),
                ('key', models.SlugField(max_length=60, unique=True, verbose_name='key')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('form', models.CharField(choices=[('received', 'Received events'), ('retailrocket', 'RetailRocket'), ('cdnow', 'CDNOW'), ('open_bandit', 'Open Bandit')], max_length=20, verbose_name='form')),
                ('currency', models.CharField(blank=True, help_text='ISO 4217; empty where unknown.', max_length=3, verbose_name='currency')),
                ('zone', models.CharField(blank=True, help_text='Where its days begin; empty is the reporting zone.', max_length=64, verbose_name='time zone')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'dataset',
                'verbose_name_plural': 'datasets',
                'ordering': ['id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('form__in', ['received', 'retailrocket', 'cdnow', 'open_bandit'])), name='dataset_form_known')],
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('bytes', models.BigIntegerField(help_text='The size of the file as it is stored.', verbose_name='bytes')),
                ('fingerprint', models.CharField(help_text='By it a changed file is noticed.', max_length=64, verbose_name='fingerprint')),
                ('position', models.BigIntegerField(default=0, help_text='Bytes of the unpacked file committed.', verbose_name='position')),
                ('bytes_read', models.BigIntegerField(default=0, help_text='Of the file as it is stored.', verbose_name='bytes read')),
                ('lines', models.BigIntegerField(default=0, help_text='Lines committed or refused, and the heading.', verbose_name='lines')),
                ('rejected', models.BigIntegerField(default=0, verbose_name='rejected lines')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('stopped', 'Stopped'), ('done', 'Done'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='status')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('problem', models.TextField(blank=True, verbose_name='problem')),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='analytics.dataset', verbose_name='dataset')),
            ],
            options={
                'verbose_name': 'imported file',
                'verbose_name_plural': 'imported files',
                'ordering': ['dataset', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RejectedLine',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('line', models.BigIntegerField(help_text='From 1, the heading included.', verbose_name='line')),
                ('text', models.CharField(blank=True, help_text='The beginning of the line.', max_length=500, verbose_name='text')),
                ('reason', models.CharField(choices=[('columns', 'Another number of columns'), ('encoding', 'Not UTF-8'), ('number', 'A number that is none, or out of range'), ('event', 'An unknown event'), ('time', 'An impossible time'), ('value', 'An unknown value'), ('length', 'Too long')], max_length=12, verbose_name='reason')),
                ('dataset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejected_lines', to='analytics.dataset', verbose_name='dataset')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejected_lines', to='analytics.importfile', verbose_name='file')),
            ],
            options={
                'verbose_name': 'rejected line',
                'verbose_name_plural': 'rejected lines',
                'ordering': ['file', 'line'],
            },
        ),
        migrations.AddConstraint(
            model_name='importfile',
            constraint=models.UniqueConstraint(fields=('dataset', 'name'), name='import_file_once'),
        ),
        migrations.AddConstraint(
            model_name='importfile',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'stopped', 'done', 'failed'])), name='import_file_status_known'),
        ),
        migrations.AddConstraint(
            model_name='importfile',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 0), ('rejected__gte', 0), ('rejected__lte', models.F('lines'))), name='import_file_counts'),
        ),
        migrations.AddConstraint(
            model_name='rejectedline',
            constraint=models.UniqueConstraint(fields=('file', 'line'), name='rejected_line_once'),
        ),
    ]
