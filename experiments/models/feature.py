"""Features: places in a product whose look or behaviour is a JSON value, and the history of their defaults."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Feature(models.Model):
    """A place in a product; its parameters are declared, so forms and previews can be made from them."""

    class Surface(models.TextChoices):
        """The page that shows the feature."""

        HOME = "home", _("Home")
        SEARCH = "search", _("Search")
        RESTAURANT = "restaurant", _("Restaurant")
        CART = "cart", _("Cart")
        TRACKING = "tracking", _("Order tracking")
        EXTERNAL = "external", _("External app")

    class ValueType(models.TextChoices):
        """What a program is served: the object of all parameters, or the one parameter ``value`` by itself."""

        OBJECT = "object", _("Object")
        BOOLEAN = "boolean", _("Yes or no")
        STRING = "string", _("Text")
        INTEGER = "integer", _("Whole number")
        FLOAT = "float", _("Number")

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    surface = models.CharField(_("page"), max_length=20, choices=Surface)
    component = models.CharField(_("component"), max_length=60)
    description = models.TextField(_("description"), blank=True)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, verbose_name=_("team"), related_name="features")
    parameters = models.JSONField(_("parameters"), help_text=_("The declared parameters."))
    value_type = models.CharField(_("value type"), max_length=10, choices=ValueType, default=ValueType.OBJECT)
    enabled = models.BooleanField(
        _("switched on"), default=True, help_text=_("Switched off, neither targeted values nor experiments are served.")
    )
    targets = models.JSONField(
        _("targeted values"),
        default=list,
        blank=True,
        help_text=_("In order: condition, value and note of each."),
    )
    serving_number = models.PositiveIntegerField(
        _("serving version"), default=1, help_text=_("Counts the changes of the switch and of the targeted values.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("feature")
        verbose_name_plural = _("features")
        ordering: ClassVar = ["surface", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(value_type__in=["object", "boolean", "string", "integer", "float"]),
                name="feature_value_type_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FeatureRevision(models.Model):
    """One default value of a feature; the highest number is live. Rows are only ever added."""

    class Origin(models.TextChoices):
        """Why the revision was made."""

        SEED = "seed", _("First value")
        EDIT = "edit", _("Edited")
        ADOPTION = "adoption", _("Adopted from an experiment")
        ROLLBACK = "rollback", _("Rolled back")

    feature = models.ForeignKey(Feature, on_delete=models.PROTECT, related_name="revisions", verbose_name=_("feature"))
    number = models.PositiveIntegerField(_("number"))
    value = models.JSONField(_("value"))
    origin = models.CharField(_("origin"), max_length=10, choices=Origin)
    reinstates = models.PositiveIntegerField(_("reinstates revision"), null=True, blank=True)
    experiment = models.ForeignKey(
        "experiments.Experiment", null=True, blank=True, on_delete=models.PROTECT, verbose_name=_("experiment")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("author")
    )
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("feature revision")
        verbose_name_plural = _("feature revisions")
        ordering: ClassVar = ["feature", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feature", "number"], name="feature_revision_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} · {self.number}"


class DefinitionVersion(models.Model):
    """One row that counts the changes of what is served; see ``experiments.assignment.definitions``."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(_("number"), default=0)
    memberships = models.PositiveBigIntegerField(
        _("memberships"),
        default=0,
        help_text=_("How often the CRM lists changed; each change counts up the number, too."),
    )

    class Meta:
        verbose_name = _("definition version")
        verbose_name_plural = _("definition versions")
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="definition_version_single")]

    def __str__(self) -> str:
        return str(self.number)
