"""Experiments, their variants and guardrails, and their runs."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Experiment(models.Model):
    """A test of a feature's values; its design is frozen by each launch (see ``Run``)."""

    class Status(models.TextChoices):
        """Where the experiment is in its life; ``experiments.running.lifecycle`` holds the moves."""

        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")
        DECIDED = "decided", _("Decided")

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    team = models.ForeignKey(
        "portal.Team", on_delete=models.PROTECT, related_name="experiments", verbose_name=_("team")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="experiments", verbose_name=_("owner")
    )
    feature = models.ForeignKey(
        "experiments.Feature", on_delete=models.PROTECT, related_name="experiments", verbose_name=_("feature")
    )

    who = models.CharField(_("who"), max_length=300, blank=True, help_text=_("Whose behaviour should change?"))
    what = models.CharField(_("what"), max_length=300, blank=True, help_text=_("What do you change for them?"))
    why = models.TextField(_("why"), max_length=2000, blank=True, help_text=_("Why should that work?"))
    expected_impact = models.CharField(_("expected impact"), max_length=300, blank=True)

    oec = models.ForeignKey(
        "experiments.Metric",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="experiments_as_oec",
        verbose_name=_("OEC metric"),
    )
    baseline = models.FloatField(_("baseline"), null=True, blank=True, help_text=_("The OEC's value today."))
    baseline_deviation = models.FloatField(
        _("standard deviation"),
        null=True,
        blank=True,
        help_text=_("Of the OEC between units; a proportion needs none."),
    )
    daily_units = models.PositiveIntegerField(
        _("new units per day"), null=True, blank=True, help_text=_("Units that meet the feature for the first time.")
    )
    mde = models.FloatField(
        _("MDE"), default=0.05, help_text=_("Minimum detectable effect, relative to the baseline (0.05 is 5%).")
    )
    alpha = models.FloatField(_("alpha"), default=0.05)
    power = models.FloatField(_("power"), default=0.8)
    coverage = models.FloatField(
        _("coverage"),
        default=1.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("Share of units that take part."),
    )
    planned_units = models.PositiveIntegerField(
        _("planned units"), null=True, blank=True, help_text=_("Units in all variants together.")
    )
    planned_days = models.PositiveIntegerField(_("planned days"), null=True, blank=True)
    looks = models.PositiveSmallIntegerField(
        _("looks"),
        default=1,
        help_text=_(
            "How often the plan reads the results: 1 is once at the end, 0 at any time, else at so many looks."
        ),
    )
    cuped_correlation = models.FloatField(
        _("CUPED correlation"),
        null=True,
        blank=True,
        help_text=_("Of the OEC with the unit's own past, as the plan counted on it; empty without CUPED."),
    )

    condition = models.JSONField(
        _("audience"), default=dict, blank=True, help_text=_("Which units take part, by their attributes; empty: all.")
    )
    layer = models.ForeignKey(
        "experiments.Layer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="experiments",
        verbose_name=_("layer"),
    )
    layer_start = models.PositiveSmallIntegerField(
        _("start in the layer"), null=True, blank=True, help_text=_("In 1/10,000 of the layer, included.")
    )
    layer_end = models.PositiveSmallIntegerField(
        _("end in the layer"), null=True, blank=True, help_text=_("In 1/10,000 of the layer, excluded.")
    )
    keeps_holdout = models.BooleanField(
        _("leaves out the global holdout"), default=True, help_text=_("Units of the holdout never take part.")
    )
    ramp = models.JSONField(
        _("ramp"),
        default=list,
        blank=True,
        help_text=_("Steps before the full coverage: each a share of units and how many hours it is held."),
    )
    ramp_automatic = models.BooleanField(
        _("ramp goes on by itself"), default=True, help_text=_("When a step's hours are over and all checks pass.")
    )
    starts_at = models.DateTimeField(_("scheduled start"), null=True, blank=True)
    ends_at = models.DateTimeField(_("scheduled end"), null=True, blank=True)

    seed = models.CharField(_("seed"), max_length=60)
    run_number = models.PositiveIntegerField(_("run number"), default=1)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            # Beside these, exclusion constraints keep live experiments of one layer apart, and those of a feature in
            # one layer (see the migration, since Django cannot write them).
            models.UniqueConstraint(
                fields=["feature"],
                condition=Q(status__in=["running", "paused"], layer__isnull=True),
                name="experiment_one_live_per_feature",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "running", "paused", "stopped", "decided"]),
                name="experiment_status_known",
            ),
            models.CheckConstraint(
                condition=Q(layer__isnull=True, layer_start__isnull=True, layer_end__isnull=True)
                | Q(layer__isnull=False, layer_start__gte=0, layer_end__lte=10_000, layer_start__lt=F("layer_end")),
                name="experiment_slot_in_layer",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["running", "paused"]) | Q(layer__isnull=True) | Q(layer_start__isnull=False),
                name="experiment_live_has_slot_in_layer",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(starts_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="experiment_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(alpha__gt=0, alpha__lt=0.5), name="experiment_alpha_in_range"),
            models.CheckConstraint(condition=Q(power__gte=0.5, power__lt=1), name="experiment_power_in_range"),
            models.CheckConstraint(condition=Q(coverage__gt=0, coverage__lte=1), name="experiment_coverage_in_range"),
            models.CheckConstraint(condition=Q(mde__gt=0, mde__lte=10), name="experiment_mde_in_range"),
            models.CheckConstraint(condition=Q(looks__lte=20), name="experiment_looks_in_range"),
            models.CheckConstraint(
                condition=Q(cuped_correlation__isnull=True) | Q(cuped_correlation__gt=-1, cuped_correlation__lt=1),
                name="experiment_cuped_correlation_in_range",
            ),
            models.CheckConstraint(condition=Q(run_number__gte=1), name="experiment_run_number_from_one"),
            models.CheckConstraint(
                condition=Q(status="draft") | Q(oec__isnull=False, planned_units__isnull=False),
                name="experiment_launched_is_complete",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "-created_at"], name="experiment_by_status")]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One arm: a full value of the feature and its share of the units (the first position is the control)."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="variants", verbose_name=_("experiment")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    weight = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=3, help_text=_("Share of the units in per cent; all sum to 100.")
    )
    value = models.JSONField(_("value"))

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering: ClassVar = ["experiment", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "position"], name="variant_position_once"),
            models.UniqueConstraint(fields=["experiment", "key"], name="variant_key_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="variant_weight_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · {self.name}"

    @property
    def is_control(self) -> bool:
        """Whether the others are compared with this one."""
        return self.position == 0


class Guardrail(models.Model):
    """A metric that must not get worse by more than the margin."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="guardrails", verbose_name=_("experiment")
    )
    metric = models.ForeignKey(
        "experiments.Metric", on_delete=models.PROTECT, related_name="guardrails", verbose_name=_("metric")
    )
    margin = models.FloatField(
        _("margin"), help_text=_("Harm that is still tolerated, relative to the control (0.02 is 2%).")
    )

    class Meta:
        verbose_name = _("guardrail")
        verbose_name_plural = _("guardrails")
        ordering: ClassVar = ["experiment", "metric"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "metric"], name="guardrail_metric_once"),
            models.CheckConstraint(condition=Q(margin__gt=0, margin__lt=1), name="guardrail_margin_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · {self.metric}"


class Run(models.Model):
    """One launch of an experiment: the frozen design and when it ran. Resetting leads to the next number."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.PROTECT, related_name="runs", verbose_name=_("experiment")
    )
    number = models.PositiveIntegerField(_("number"))
    snapshot = models.JSONField(_("design snapshot"))
    snapshot_hash = models.CharField(_("hash of the snapshot"), max_length=64)
    started_at = models.DateTimeField(_("started at"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("started by")
    )

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering: ClassVar = ["experiment", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "number"], name="run_number_once"),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True) | Q(stopped_at__gte=F("started_at")), name="run_stops_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · {self.number}"


class Phase(models.Model):
    """A stretch of a run in which the same share of units took part; each change after the launch opens the next one.

    Rows are only ever added. ``allotment`` holds, for each variant by position, its half-open ranges of buckets.
    """

    class Kind(models.TextChoices):
        """What opened the phase."""

        LAUNCH = "launch", _("Launched")
        RAMP = "ramp", _("Coverage raised")
        WEIGHTS = "weights", _("Weights raised")
        PAUSE = "pause", _("Paused")
        RESUME = "resume", _("Resumed")

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="phases", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    paused = models.BooleanField(_("paused"), default=False)
    coverage = models.FloatField(_("coverage"))
    weights = models.JSONField(_("weights"), help_text=_("Share of each variant by position; they sum to 1."))
    allotment = models.JSONField(_("allotment"))
    started_at = models.DateTimeField(_("started at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("actor")
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering: ClassVar = ["run", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="phase_number_once"),
            models.CheckConstraint(condition=Q(coverage__gt=0, coverage__lte=1), name="phase_coverage_in_range"),
            models.CheckConstraint(condition=Q(paused=False) | Q(kind="pause"), name="phase_paused_by_pause"),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.number}"
