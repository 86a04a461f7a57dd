"""Declared events with their versions, and what keeps a retried malformed event from being kept twice."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

HISTORY = """
create trigger event_type_version_is_history before update or delete on experiment.experiments_eventtypeversion
    for each row execute function experiment.refuse_change_of_history('created_by_id');
"""
UNDO = "drop trigger event_type_version_is_history on experiment.experiments_eventtypeversion"


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0008_units'),
        ('portal', '0002_team_requires_review'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='EventType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='name')),
                ('description', models.TextField(blank=True, verbose_name='description')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'event type',
                'verbose_name_plural': 'event types',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='EventTypeVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='number')),
                ('carries_amount', models.BooleanField(default=False, verbose_name='carries an amount')),
                ('properties', models.JSONField(default=list, help_text='Each with name, type, required and description.', verbose_name='properties')),
                ('breaks', models.BooleanField(default=False, help_text='Refuses events that the version before took.', verbose_name='breaking change')),
                ('note', models.TextField(blank=True, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'event type version',
                'verbose_name_plural': 'event type versions',
                'ordering': ['event_type', '-number'],
            },
        ),
        migrations.AddField(
            model_name='rejectedevent',
            name='digest',
            field=models.UUIDField(editable=False, help_text='Of the payload, so that a retry keeps it once.', null=True, unique=True, verbose_name='digest'),
        ),
        migrations.AlterField(
            model_name='receivedeventid',
            name='received_at',
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='received at'),
        ),
        migrations.AddIndex(
            model_name='rejectedevent',
            index=models.Index(fields=['reason', '-received_at'], name='rejected_event_by_reason'),
        ),
        migrations.AddField(
            model_name='eventtype',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='event_types', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='eventtype',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='event_types', to='portal.team', verbose_name='team'),
        ),
        migrations.AddField(
            model_name='eventtypeversion',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='eventtypeversion',
            name='event_type',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='experiments.eventtype', verbose_name='event type'),
        ),
        migrations.AddConstraint(
            model_name='eventtype',
            constraint=models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z][a-z0-9_]*$')), name='event_type_name_is_plain'),
        ),
        migrations.AddConstraint(
            model_name='eventtype',
            constraint=models.CheckConstraint(condition=models.Q(('name', 'exposure'), _negated=True), name='event_type_is_no_exposure'),
        ),
        migrations.AddConstraint(
            model_name='eventtypeversion',
            constraint=models.UniqueConstraint(fields=('event_type', 'number'), name='event_type_version_number_once'),
        ),
        migrations.AddConstraint(
            model_name='eventtypeversion',
            constraint=models.CheckConstraint(condition=models.Q(('breaks', False), models.Q(('note', ''), _negated=True), _connector='OR'), name='event_type_break_has_reason'),
        ),
        migrations.RunSQL(HISTORY, UNDO),
    ]
