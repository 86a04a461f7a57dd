"""An experiment's variants and guardrails in their order, without a query where they were fetched before."""

from __future__ import annotations

from django.db.models import prefetch_related_objects

from experiments.models import Experiment, Guardrail, Variant


def fetch_arms(experiment: Experiment) -> None:
    """Fetch variants and guardrails once, for a page whose parts all read them; whoever writes reads them anew."""
    prefetch_related_objects([experiment], "variants", "guardrails__metric")


def variants_of(experiment: Experiment) -> list[Variant]:
    """Return the variants by position, the control first."""
    return sorted(experiment.variants.all(), key=lambda variant: variant.position)


def guardrails_of(experiment: Experiment) -> list[Guardrail]:
    """Return the guardrails with their metrics, by the metric's key."""
    if "guardrails" not in getattr(experiment, "_prefetched_objects_cache", {}):
        return list(experiment.guardrails.select_related("metric").order_by("metric__key"))
    return sorted(experiment.guardrails.all(), key=lambda guardrail: guardrail.metric.key)
