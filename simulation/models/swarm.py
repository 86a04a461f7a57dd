"""The swarm's work: runs, their batches, the background traffic, and the catalogue that was read from the shop."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import DecimalField, F, Q, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from novarium.kernel.errors import Invalid
from simulation.personas import DEFAULT_MIX, BadMixError, shares

MOST_VISITORS = 1_000_000
MOST_SEED = 2**63 - 1


_SHARE = DecimalField(max_digits=9, decimal_places=6)


def default_mix() -> dict[str, int]:
    """Return the personas' usual shares in per cent."""
    return dict(DEFAULT_MIX)


def validate_mix(value: Any) -> None:
    """Refuse a mix that is not one, with the reason."""
    numbers = isinstance(value, dict) and all(
        isinstance(share, int | float) and not isinstance(share, bool) for share in value.values()
    )
    if not numbers:
        raise ValidationError(_("Write a share in per cent for each kind of person."))
    try:
        shares(value)
    except BadMixError as error:
        raise ValidationError(_("The shares must each be from 0 to 100 and sum to 100 per cent.")) from error


def validate_mix_or_refuse(value: Any) -> None:
    """Raise the domain error Invalid for a mix that is not one."""
    try:
        validate_mix(value)
    except ValidationError as error:
        raise Invalid(str(error.messages[0]), fields={"mix": error.messages}) from error


def _mix_sum() -> Any:
    """Return the sum of the mix's shares as an expression of the database."""
    return reduce(
        add,
        (
            Coalesce(Cast(KeyTextTransform(key, "mix"), _SHARE), Value(0, output_field=_SHARE))
            for key in sorted(DEFAULT_MIX)
        ),
    )


class SwarmRun(models.Model):
    """A number of people sent to the shop. Grain: one row per request; key: id."""

    class Status(models.TextChoices):
        """Where the run is; moved by compare-and-set in ``simulation.swarm.runs``."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")

    experiment_key = models.SlugField(
        _("experiment"), max_length=60, blank=True, help_text=_("Empty for background traffic.")
    )
    experiment_run = models.PositiveIntegerField(_("run number"), null=True, blank=True)
    visitors = models.PositiveIntegerField(
        _("visitors"), validators=[MinValueValidator(1), MaxValueValidator(MOST_VISITORS)]
    )
    seed = models.BigIntegerField(_("seed"), validators=[MinValueValidator(0), MaxValueValidator(MOST_SEED)])
    mix = models.JSONField(_("mix of people"), default=default_mix, validators=[validate_mix])
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("requested by"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    visits = models.PositiveIntegerField(_("visits"), default=0)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    errors = models.PositiveIntegerField(_("errors"), default=0)

    class Meta:
        verbose_name = _("swarm run")
        verbose_name_plural = _("swarm runs")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running", "finished", "cancelled"]), name="swarm_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(visitors__gte=1, visitors__lte=MOST_VISITORS), name="swarm_run_visitors_in_range"
            ),
            models.CheckConstraint(condition=Q(seed__gte=0), name="swarm_run_seed_not_negative"),
            models.CheckConstraint(condition=Q(visits__lte=F("visitors")), name="swarm_run_visits_not_above_visitors"),
            models.CheckConstraint(condition=Exact(_mix_sum(), 100), name="swarm_run_mix_sums_to_100"),
            models.CheckConstraint(
                condition=Q(experiment_key="", experiment_run__isnull=True)
                | (~Q(experiment_key="") & Q(experiment_run__isnull=False)),
                name="swarm_run_names_experiment_and_run",
            ),
            models.UniqueConstraint(
                fields=["seed"], condition=Q(status__in=["waiting", "running"]), name="swarm_run_seed_once_at_a_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["experiment_key", "-id"], name="swarm_run_by_experiment"),
            models.Index(fields=["status"], name="swarm_run_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment_key or _('background traffic')} · {self.visitors} · {self.pk}"

    @property
    def is_active(self) -> bool:
        """Whether people are still to come."""
        return self.status in {self.Status.WAITING, self.Status.RUNNING}


class SwarmBatch(models.Model):
    """A stretch of a run's visitors that one worker visits for. Grain: one row per run and number."""

    class Status(models.TextChoices):
        """Where the batch is; ``running`` with an old heartbeat means that its worker died."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")

    run = models.ForeignKey(SwarmRun, on_delete=models.CASCADE, related_name="batches", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    first = models.PositiveIntegerField(_("first visitor"))
    size = models.PositiveIntegerField(_("visitors"))
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.WAITING)
    claim = models.UUIDField(_("claim"), null=True, blank=True, help_text=_("The worker that holds the batch."))
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    visits = models.PositiveIntegerField(_("visits"), default=0)
    orders = models.PositiveIntegerField(_("orders"), default=0)
    errors = models.PositiveIntegerField(_("errors"), default=0)

    class Meta:
        verbose_name = _("swarm batch")
        verbose_name_plural = _("swarm batches")
        ordering: ClassVar = ["run", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="swarm_batch_number_once"),
            models.CheckConstraint(condition=Q(size__gte=1), name="swarm_batch_size_from_one"),
            models.CheckConstraint(condition=Q(visits__lte=F("size")), name="swarm_batch_visits_not_above_size"),
            models.CheckConstraint(
                condition=~Q(status="running") | Q(claim__isnull=False, heartbeat_at__isnull=False),
                name="swarm_batch_running_is_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} · {self.number}"


class TrafficSetting(models.Model):
    """Background traffic for the shop: one row, changed on the simulator's page."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    enabled = models.BooleanField(_("background traffic"), default=False)
    visitors_per_minute = models.PositiveIntegerField(
        _("visitors per minute"), default=60, validators=[MinValueValidator(1), MaxValueValidator(1200)]
    )
    mix = models.JSONField(_("mix of people"), default=default_mix, validators=[validate_mix])
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("background traffic")
        verbose_name_plural = _("background traffic")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="traffic_setting_is_single"),
            models.CheckConstraint(
                condition=Q(visitors_per_minute__gte=1, visitors_per_minute__lte=1200), name="traffic_rate_in_range"
            ),
        ]

    def __str__(self) -> str:
        return str(_("Background traffic"))


class CatalogueSnapshot(models.Model):
    """What the shop offered when it was last read over HTTP; the truth and the bulk simulation use the newest."""

    read_at = models.DateTimeField(_("read at"), auto_now_add=True)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    content = models.JSONField(_("content"))

    class Meta:
        verbose_name = _("catalogue snapshot")
        verbose_name_plural = _("catalogue snapshots")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.read_at:%Y-%m-%d %H:%M}"
