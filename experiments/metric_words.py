"""A metric's definition in words and as an expression over events. Pure but for the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from experiments.models import Metric


def expression(metric: Metric) -> str:
    """Return the definition in a compact notation, such as ``sum(purchase.amount) / count(purchase)``."""
    top = side(metric.numerator_event, metric.numerator_aggregation)
    if metric.type == Metric.Type.RATIO:
        return f"Σ {top} / Σ {side(metric.denominator_event, metric.denominator_aggregation)}"
    return f"Σ {top} / units"


def side(event: str, aggregation: str) -> str:
    """Return one side of a metric in the compact notation."""
    return f"sum({event}.amount)" if aggregation == Metric.Aggregation.SUM else f"{aggregation}({event})"


def in_words(metric: Metric) -> str:
    """Return what is measured as a sentence."""
    top = _side_in_words(metric.numerator_event, metric.numerator_aggregation)
    if metric.type == Metric.Type.RATIO:
        below = _side_in_words(metric.denominator_event, metric.denominator_aggregation)
        return _("%(top)s of all exposed units together, divided by %(below)s of all together.") % {
            "top": top,
            "below": below,
        }
    if metric.type == Metric.Type.PROPORTION:
        return _("The share of exposed units with at least one %(event)s event after their first exposure.") % {
            "event": metric.numerator_event
        }
    return _("%(top)s after the first exposure, on average per exposed unit.") % {"top": top}


def _side_in_words(event: str, aggregation: str) -> str:
    words = {
        Metric.Aggregation.SUM: _("the amounts of %(event)s events"),
        Metric.Aggregation.COUNT: _("the number of %(event)s events"),
        Metric.Aggregation.EXISTS: _("the number of units with a %(event)s event"),
    }
    return words[Metric.Aggregation(aggregation)] % {"event": event}
