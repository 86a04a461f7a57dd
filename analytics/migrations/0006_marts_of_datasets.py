"""The marts: large tables with a partition a dataset, small ones without, and the log of builds by stage."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MARTS = """
create table warehouse.analytics_factevent (
    visitor bigint not null,
    at_ms bigint not null,
    item bigint,
    category bigint,
    transaction bigint,
    amount_minor bigint,
    day integer not null,
    session integer not null,
    dataset_id smallint not null,
    event text not null
) partition by list (dataset_id);
create index on warehouse.analytics_factevent (day);
create table warehouse.analytics_factsession (
    visitor bigint not null,
    began_ms bigint not null,
    ended_ms bigint not null,
    revenue_minor bigint not null,
    refunded_minor bigint not null,
    day integer not null,
    session integer not null,
    events integer not null,
    page_views integer not null,
    clicks integer not null,
    carts integer not null,
    interactions integer not null,
    dataset_id smallint not null
) partition by list (dataset_id);
create index on warehouse.analytics_factsession (day);
create table warehouse.analytics_visitorday (
    visitor bigint not null,
    revenue_minor bigint not null,
    refunded_minor bigint not null,
    booked_minor bigint not null,
    day integer not null,
    sessions integer not null,
    events integer not null,
    page_views integer not null,
    clicks integer not null,
    carts integer not null,
    orders integer not null,
    booked_orders integer not null,
    dataset_id smallint not null
) partition by list (dataset_id);
create index on warehouse.analytics_visitorday (day);
create index on warehouse.analytics_visitorday (visitor);
create table warehouse.analytics_dimvisitor (
    visitor bigint not null,
    orders bigint not null,
    spend_minor bigint not null,
    first_day integer not null,
    last_day integer not null,
    active_days integer not null,
    first_purchase_day integer,
    last_order_day integer,
    dataset_id smallint not null
) partition by list (dataset_id);
create index on warehouse.analytics_dimvisitor (visitor);
create index on warehouse.analytics_dimvisitor (last_day);
create table warehouse.analytics_experimentunit (
    run_id bigint not null,
    visitor bigint not null,
    variant_id bigint not null,
    exposed_ms bigint not null,
    day integer not null,
    dataset_id smallint not null
);
create index on warehouse.analytics_experimentunit (dataset_id, day);
create index on warehouse.analytics_experimentunit (run_id);
create table warehouse.analytics_namekey (
    dataset_id smallint not null,
    kind varchar(10) not null check (kind in ('visitor', 'item', 'category')),
    name varchar(100) not null,
    number bigint not null generated always as identity,
    primary key (dataset_id, kind, name)
);
create unique index on warehouse.analytics_namekey (number);
"""

UNDO = """
drop table warehouse.analytics_namekey;
drop table warehouse.analytics_experimentunit;
drop table warehouse.analytics_dimvisitor;
drop table warehouse.analytics_visitorday;
drop table warehouse.analytics_factsession;
drop table warehouse.analytics_factevent;
"""

USERS = """
create view warehouse.analytics_userstat as
select
    visitor.dataset_id,
    visitor.visitor,
    coalesce(key.name, cast(visitor.visitor as varchar)) as unit_id,
    date '1970-01-01' + visitor.first_day as first_seen,
    date '1970-01-01' + visitor.last_day as last_seen,
    visitor.orders,
    cast(visitor.spend_minor / 100.0 as numeric(20, 2)) as spend,
    date '1970-01-01' + visitor.last_order_day as last_order,
    latest.as_of_day - visitor.last_order_day as recency_days,
    visitor.active_days,
    case
        when visitor.orders = 0 then 'browser'
        when latest.as_of_day - visitor.last_order_day > 60 then 'lost'
        when latest.as_of_day - visitor.last_order_day > 30 then 'at_risk'
        when visitor.orders >= 5 then 'champion'
        when visitor.orders >= 2 then 'loyal'
        else 'new'
    end as segment,
    date '1970-01-01' + latest.as_of_day as as_of
from warehouse.analytics_dataset as dataset
cross join lateral (
    select max(last_day) as as_of_day from warehouse.analytics_dimvisitor where dataset_id = dataset.id
) as latest
inner join warehouse.analytics_dimvisitor as visitor on dataset.id = visitor.dataset_id
left join warehouse.analytics_namekey as key
    on dataset.form = 'received' and visitor.visitor = key.number
"""

RULES = """
insert into warehouse.analytics_crmrule (
    key, name, is_active, days, least_views, most_views, least_carts, most_carts, least_orders, most_orders, cap, priority
)
values
    ('cart-left', 'Left a cart today', true, 1, 0, 1000000, 1, 1000000, 0, 0, 1000, 1),
    ('looks-around', '20 views in 7 days, no cart', true, 7, 20, 1000000, 0, 0, 0, 1000000, 1000, 2),
    ('orders-again', 'Two orders or more in 30 days', true, 30, 0, 1000000, 0, 1000000, 2, 1000000, 1000, 3)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0005_forget_the_first_marts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(MARTS, UNDO)],
            state_operations=[
                migrations.CreateModel(
                    name='DimVisitor',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('visitor', models.BigIntegerField(verbose_name='visitor')),
                        ('orders', models.BigIntegerField(verbose_name='orders')),
                        ('spend_minor', models.BigIntegerField(verbose_name='spend')),
                        ('first_day', models.IntegerField(verbose_name='first seen')),
                        ('last_day', models.IntegerField(verbose_name='last seen')),
                        ('active_days', models.IntegerField(verbose_name='active days')),
                        ('first_purchase_day', models.IntegerField(null=True, verbose_name='first purchase')),
                        ('last_order_day', models.IntegerField(null=True, verbose_name='last order')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'visitor', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'dimension: visitor',
                        'verbose_name_plural': 'dimension: visitors',
                    },
                ),
                migrations.CreateModel(
                    name='ExperimentUnit',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('run_id', models.BigIntegerField(verbose_name='run')),
                        ('visitor', models.BigIntegerField(verbose_name='visitor')),
                        ('variant_id', models.BigIntegerField(verbose_name='variant')),
                        ('exposed_ms', models.BigIntegerField(verbose_name='first exposed at')),
                        ('day', models.IntegerField(verbose_name='day')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'run_id', 'visitor', 'variant_id', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'experiment unit',
                        'verbose_name_plural': 'experiment units',
                    },
                ),
                migrations.CreateModel(
                    name='FactEvent',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('day', models.IntegerField(verbose_name='day')),
                        ('visitor', models.BigIntegerField(verbose_name='visitor')),
                        ('session', models.IntegerField(verbose_name='session')),
                        ('at_ms', models.BigIntegerField(verbose_name='time')),
                        ('event', models.TextField(verbose_name='event')),
                        ('item', models.BigIntegerField(null=True, verbose_name='item')),
                        ('category', models.BigIntegerField(null=True, verbose_name='category')),
                        ('transaction', models.BigIntegerField(null=True, verbose_name='order')),
                        ('amount_minor', models.BigIntegerField(null=True, verbose_name='amount')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'visitor', 'at_ms', 'event', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'fact: event',
                        'verbose_name_plural': 'facts: events',
                    },
                ),
                migrations.CreateModel(
                    name='FactSession',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('day', models.IntegerField(verbose_name='day')),
                        ('visitor', models.BigIntegerField(verbose_name='visitor')),
                        ('session', models.IntegerField(verbose_name='session')),
                        ('began_ms', models.BigIntegerField(verbose_name='first event')),
                        ('ended_ms', models.BigIntegerField(verbose_name='last event')),
                        ('revenue_minor', models.BigIntegerField(verbose_name='revenue')),
                        ('refunded_minor', models.BigIntegerField(verbose_name='refunded')),
                        ('events', models.IntegerField(verbose_name='events')),
                        ('page_views', models.IntegerField(verbose_name='page views')),
                        ('clicks', models.IntegerField(verbose_name='clicks')),
                        ('carts', models.IntegerField(verbose_name='carts')),
                        ('interactions', models.IntegerField(verbose_name='interactions')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'day', 'visitor', 'session', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'fact: session',
                        'verbose_name_plural': 'facts: sessions',
                    },
                ),
                migrations.CreateModel(
                    name='NameKey',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('kind', models.CharField(max_length=10, verbose_name='kind')),
                        ('name', models.CharField(max_length=100, verbose_name='text')),
                        ('number', models.BigIntegerField(verbose_name='number')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'kind', 'name', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'name key',
                        'verbose_name_plural': 'name keys',
                    },
                ),
                migrations.CreateModel(
                    name='VisitorDay',
                    fields=[
                        ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                        ('day', models.IntegerField(verbose_name='day')),
                        ('visitor', models.BigIntegerField(verbose_name='visitor')),
                        ('revenue_minor', models.BigIntegerField(verbose_name='revenue')),
                        ('refunded_minor', models.BigIntegerField(verbose_name='refunded')),
                        ('booked_minor', models.BigIntegerField(verbose_name='booked amount')),
                        ('sessions', models.IntegerField(verbose_name='sessions')),
                        ('events', models.IntegerField(verbose_name='events')),
                        ('page_views', models.IntegerField(verbose_name='page views')),
                        ('clicks', models.IntegerField(verbose_name='clicks')),
                        ('carts', models.IntegerField(verbose_name='carts')),
                        ('orders', models.IntegerField(verbose_name='orders')),
                        ('booked_orders', models.IntegerField(verbose_name='booked orders')),
                        ('pk', models.CompositePrimaryKey('dataset_id', 'day', 'visitor', blank=True, editable=False, primary_key=True, serialize=False)),
                    ],
                    options={
                        'verbose_name': 'visitor day',
                        'verbose_name_plural': 'visitor days',
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='UserStat',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('visitor', models.BigIntegerField(verbose_name='number')),
                ('unit_id', models.CharField(max_length=100, verbose_name='unit')),
                ('first_seen', models.DateField(verbose_name='first seen')),
                ('last_seen', models.DateField(verbose_name='last seen')),
                ('orders', models.BigIntegerField(verbose_name='orders')),
                ('spend', models.DecimalField(decimal_places=2, max_digits=20, verbose_name='spend')),
                ('last_order', models.DateField(null=True, verbose_name='last order')),
                ('recency_days', models.IntegerField(null=True, verbose_name='days since the last order')),
                ('active_days', models.IntegerField(verbose_name='active days')),
                ('segment', models.CharField(choices=[('champion', 'Champion'), ('loyal', 'Loyal'), ('new', 'New buyer'), ('at_risk', 'At risk'), ('lost', 'Lost'), ('browser', 'Browser')], max_length=10, verbose_name='segment')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'visitor', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'user statistic',
                'verbose_name_plural': 'user statistics',
                'db_table': 'analytics_userstat',
                'ordering': ['-spend', 'unit_id'],
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='BuiltDay',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('built_at', models.DateTimeField(verbose_name='built at')),
                ('events', models.BigIntegerField(help_text='Events stored for the day, copies left out.', verbose_name='events')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'built day',
                'verbose_name_plural': 'built days',
                'ordering': ['dataset_id', '-day'],
            },
        ),
        migrations.CreateModel(
            name='CohortWeek',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('cohort_day', models.IntegerField(help_text='Monday of the week of the first visit.', verbose_name='cohort')),
                ('week_day', models.IntegerField(help_text='Its Monday.', verbose_name='week')),
                ('visitors', models.IntegerField(verbose_name='visitors')),
                ('buyers', models.IntegerField(verbose_name='visitors who ordered')),
                ('reorderers', models.IntegerField(verbose_name='visitors who ordered again')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'cohort_day', 'week_day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': "cohort's week",
                'verbose_name_plural': 'cohorts by week',
                'ordering': ['dataset_id', '-cohort_day', 'week_day'],
            },
        ),
        migrations.CreateModel(
            name='CrmTarget',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('rule_id', models.BigIntegerField(verbose_name='rule')),
                ('visitor', models.BigIntegerField(verbose_name='visitor')),
                ('rank', models.IntegerField(verbose_name='rank')),
                ('page_views', models.BigIntegerField(verbose_name='page views')),
                ('carts', models.BigIntegerField(verbose_name='carts')),
                ('orders', models.BigIntegerField(verbose_name='orders')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', 'rule_id', 'visitor', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'CRM target',
                'verbose_name_plural': 'CRM targets',
                'ordering': ['dataset_id', '-day', 'rule_id', 'rank'],
            },
        ),
        migrations.CreateModel(
            name='DailyMetric',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('revenue_minor', models.BigIntegerField(help_text='In hundredths; refunds not taken off.', verbose_name='revenue')),
                ('refunded_minor', models.BigIntegerField(help_text='In hundredths.', verbose_name='refunded')),
                ('page_views', models.BigIntegerField(verbose_name='page views')),
                ('visitors', models.IntegerField(help_text='Units with any event on the day.', verbose_name='visitors')),
                ('sessions', models.IntegerField(help_text='Visits separated by 30 minutes of silence.', verbose_name='sessions')),
                ('clickers', models.IntegerField(verbose_name='visitors who clicked')),
                ('carters', models.IntegerField(verbose_name='visitors with a cart')),
                ('buyers', models.IntegerField(verbose_name='visitors who ordered')),
                ('clicking_buyers', models.IntegerField(verbose_name='visitors who clicked and ordered')),
                ('orders', models.IntegerField(verbose_name='orders')),
                ('bounces', models.IntegerField(help_text='Sessions with one page view and nothing else.', verbose_name='bounces')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'daily metric',
                'verbose_name_plural': 'daily metrics',
                'ordering': ['dataset_id', '-day'],
            },
        ),
        migrations.CreateModel(
            name='DimCategory',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('category', models.BigIntegerField(verbose_name='category')),
                ('parent', models.BigIntegerField(null=True, verbose_name='parent')),
                ('root', models.BigIntegerField(verbose_name='root')),
                ('depth', models.IntegerField(verbose_name='depth')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'category', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'dimension: category',
                'verbose_name_plural': 'dimension: categories',
            },
        ),
        migrations.CreateModel(
            name='DimItem',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('item', models.BigIntegerField(verbose_name='item')),
                ('category', models.BigIntegerField(verbose_name='category')),
                ('from_day', models.IntegerField(verbose_name='from')),
                ('until_day', models.IntegerField(verbose_name='until')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'item', 'from_day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'dimension: item',
                'verbose_name_plural': 'dimension: items',
            },
        ),
        migrations.CreateModel(
            name='DirtyDay',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('noted_at', models.DateTimeField(verbose_name='noted at')),
                ('events', models.BigIntegerField(verbose_name='late events')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'dirty day',
                'verbose_name_plural': 'dirty days',
                'ordering': ['dataset_id', 'day'],
            },
        ),
        migrations.CreateModel(
            name='FunnelCategoryDay',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('category', models.BigIntegerField(verbose_name='category')),
                ('root', models.BigIntegerField(verbose_name='root')),
                ('visitors', models.IntegerField(verbose_name='visitors')),
                ('viewers', models.IntegerField(verbose_name='visitors who viewed')),
                ('carters', models.IntegerField(verbose_name='visitors with a cart')),
                ('buyers', models.IntegerField(verbose_name='visitors who ordered')),
                ('views', models.BigIntegerField(verbose_name='views')),
                ('carts', models.BigIntegerField(verbose_name='carts')),
                ('purchases', models.BigIntegerField(verbose_name='lines of orders')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', 'category', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'funnel of a category',
                'verbose_name_plural': 'funnels by category',
                'ordering': ['dataset_id', '-day', 'category'],
            },
        ),
        migrations.CreateModel(
            name='FunnelDay',
            fields=[
                ('dataset_id', models.SmallIntegerField(verbose_name='dataset')),
                ('day', models.IntegerField(verbose_name='day')),
                ('visitors', models.IntegerField(verbose_name='visitors')),
                ('viewers', models.IntegerField(verbose_name='visitors who saw a page')),
                ('carters', models.IntegerField(verbose_name='visitors with a cart')),
                ('buyers', models.IntegerField(verbose_name='visitors who ordered')),
                ('viewing_carters', models.IntegerField(verbose_name='who saw a page and filled a cart')),
                ('viewing_carting_buyers', models.IntegerField(verbose_name='who saw a page, filled a cart and ordered')),
                ('pk', models.CompositePrimaryKey('dataset_id', 'day', blank=True, editable=False, primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'funnel of a day',
                'verbose_name_plural': 'funnels by day',
                'ordering': ['dataset_id', '-day'],
            },
        ),
        migrations.CreateModel(
            name='CrmRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=40, unique=True, verbose_name='key')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='in use')),
                ('days', models.PositiveSmallIntegerField(default=1, help_text='The day itself included.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='days looked back on')),
                ('least_views', models.PositiveIntegerField(default=0, verbose_name='page views at least')),
                ('most_views', models.PositiveIntegerField(default=1000000, verbose_name='page views at most')),
                ('least_carts', models.PositiveIntegerField(default=0, verbose_name='carts at least')),
                ('most_carts', models.PositiveIntegerField(default=1000000, verbose_name='carts at most')),
                ('least_orders', models.PositiveIntegerField(default=0, verbose_name='orders at least')),
                ('most_orders', models.PositiveIntegerField(default=1000000, verbose_name='orders at most')),
                ('cap', models.PositiveIntegerField(default=1000, help_text='Targets a day at most.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='cap')),
                ('priority', models.PositiveSmallIntegerField(default=1, help_text='A visitor of several rules is in the audience of the lowest number.', verbose_name='priority')),
            ],
            options={
                'verbose_name': 'CRM rule',
                'verbose_name_plural': 'CRM rules',
                'ordering': ['priority', 'key'],
                'constraints': [models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 90)), name='crm_rule_days'), models.CheckConstraint(condition=models.Q(('least_views__gte', 1), ('least_carts__gte', 1), ('least_orders__gte', 1), _connector='OR'), name='crm_rule_asks_for_something'), models.CheckConstraint(condition=models.Q(('least_carts__lte', models.F('most_carts')), ('least_orders__lte', models.F('most_orders')), ('least_views__lte', models.F('most_views'))), name='crm_rule_can_be_met'), models.CheckConstraint(condition=models.Q(('cap__gte', 1)), name='crm_rule_cap')],
            },
        ),
        migrations.CreateModel(
            name='MartRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_date', models.DateField(blank=True, help_text='Empty for a full build.', null=True, verbose_name='first day')),
                ('last_date', models.DateField(blank=True, null=True, verbose_name='last day')),
                ('engine', models.CharField(choices=[('postgres', 'Postgres'), ('duckdb', 'DuckDB')], default='postgres', max_length=8, verbose_name='engine')),
                ('status', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('done', 'Done'), ('held', 'Held'), ('failed', 'Failed')], default='queued', max_length=8, verbose_name='status')),
                ('requested_at', models.DateTimeField(auto_now_add=True, verbose_name='requested at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished at')),
                ('problem', models.TextField(blank=True, verbose_name='problem')),
                ('affected_weeks', models.JSONField(default=list, help_text='Mondays, as day numbers, whose cohort cells change besides.', verbose_name='affected weeks')),
                ('dataset', models.ForeignKey(default=1, on_delete=django.db.models.deletion.CASCADE, related_name='mart_runs', to='analytics.dataset', verbose_name='dataset')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'mart run',
                'verbose_name_plural': 'mart runs',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='MartStage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='position')),
                ('name', models.CharField(max_length=40, verbose_name='stage')),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('held', 'Held'), ('failed', 'Failed')], default='waiting', max_length=8, verbose_name='status')),
                ('rows', models.BigIntegerField(default=0, verbose_name='rows written')),
                ('seconds', models.FloatField(blank=True, null=True, verbose_name='seconds')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('steps', models.JSONField(default=list, help_text='Name, rows and seconds of each table.', verbose_name='steps')),
                ('problem', models.TextField(blank=True, verbose_name='problem')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stages', to='analytics.martrun', verbose_name='run')),
            ],
            options={
                'verbose_name': 'mart stage',
                'verbose_name_plural': 'mart stages',
                'ordering': ['run', 'position'],
            },
        ),
        migrations.AddConstraint(
            model_name='martrun',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'running', 'done', 'held', 'failed'])), name='mart_run_status_known'),
        ),
        migrations.AddConstraint(
            model_name='martrun',
            constraint=models.CheckConstraint(condition=models.Q(('engine__in', ['postgres', 'duckdb'])), name='mart_run_engine_known'),
        ),
        migrations.AddConstraint(
            model_name='martrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_date__isnull', True), ('last_date__isnull', True)), ('first_date__lte', models.F('last_date')), _connector='OR'), name='mart_run_days_in_order'),
        ),
        migrations.AddConstraint(
            model_name='martstage',
            constraint=models.UniqueConstraint(fields=('run', 'name'), name='mart_stage_once'),
        ),
        migrations.AddConstraint(
            model_name='martstage',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'running', 'done', 'held', 'failed'])), name='mart_stage_status_known'),
        ),
        migrations.RunSQL(USERS, "drop view warehouse.analytics_userstat"),
        migrations.RunSQL(RULES, "delete from warehouse.analytics_crmrule"),
    ]
