"""What the terms of experimentation mean, in sentences; shown in pop-overs beside the terms."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Definition:
    """A term as readers see it and what it means."""

    label: str | Promise
    text: str | Promise


GLOSSARY: dict[str, Definition] = {
    "oec": Definition(
        _("OEC"),
        _(
            "Overall evaluation criterion: the one metric that the decision rests on, chosen before the launch. "
            "The experiment is planned so that a change of this metric can be seen."
        ),
    ),
    "mde": Definition(
        _("MDE"),
        _(
            "Minimum detectable effect: the smallest change that the experiment is planned to find. "
            "Half the effect needs about four times as many units."
        ),
    ),
    "power": Definition(
        _("Power"),
        _("How likely the experiment is to find an effect of the planned size if it is really there. 80% is usual."),
    ),
    "alpha": Definition(
        _("Alpha"),
        _(
            "The risk you accept of calling a difference real when there is none. "
            "At 5%, one in twenty experiments without any effect looks like a success or a failure."
        ),
    ),
    "srm": Definition(
        _("SRM"),
        _(
            "Sample-ratio mismatch: the variants received other shares of units than planned, by more than chance. "
            "Something in the assignment or the logging is broken, so the results cannot be trusted until it is found."
        ),
    ),
    "guardrail": Definition(
        _("Guardrail"),
        _(
            "A metric that must not get worse while you improve another one. "
            "It has a margin: how much worse is tolerable."
        ),
    ),
    "margin": Definition(
        _("Margin"),
        _("How much worse a guardrail may get before the change is refused. The whole interval must stay inside it."),
    ),
    "p-value": Definition(
        _("p-value"),
        _(
            "How often a difference at least this large would appear by chance alone if the variants were equal. "
            "It is not the probability that the variant is better."
        ),
    ),
    "confidence-interval": Definition(
        _("Confidence interval"),
        _(
            "The range of true differences that fit the data. Of many 95% intervals, 95 in 100 contain the truth. "
            "Where zero lies inside, the data do not tell which variant is better."
        ),
    ),
    "exposure": Definition(
        _("Exposure"),
        _(
            "The moment when a unit really saw the tested feature in one of the variants. "
            "Only exposed units count, from their first exposure on."
        ),
    ),
    "unit": Definition(
        _("Unit"), _("Who or what is assigned to a variant, here a visitor. A unit always gets the same variant.")
    ),
    "variant": Definition(
        _("Variant"), _("One version of the feature in an experiment. The first one, the control, is how it is today.")
    ),
    "control": Definition(
        _("Control"), _("The variant that shows the feature as it is today; the others are compared with it.")
    ),
    "coverage": Definition(
        _("Coverage"),
        _("The share of all units that take part. The others see the feature as it is and are not counted."),
    ),
    "weight": Definition(
        _("Weight"), _("The share of the participating units that a variant gets. All weights sum to 100%.")
    ),
    "seed": Definition(
        _("Seed"),
        _(
            "A text that the assignment mixes with the unit. Every experiment has its own, "
            "so that being in one variant of one experiment says nothing about any other."
        ),
    ),
    "lift": Definition(
        _("Lift"), _("The relative difference from the control: +5% means the metric is 1.05 times as high.")
    ),
    "cuped": Definition(
        _("CUPED"),
        _(
            "Uses what each unit did before the experiment to remove noise that has nothing to do with it. "
            "The estimate stays the same on average and the interval gets narrower."
        ),
    ),
    "baseline": Definition(_("Baseline"), _("The metric's value today, without the change.")),
    "bucketing": Definition(
        _("Assignment"),
        _(
            "How a unit gets its variant: computed from the seed and the unit alone, "
            "so it is the same everywhere, every time."
        ),
    ),
    "run": Definition(
        _("Run"), _("One launch of an experiment. Each run keeps its own frozen design and its own data.")
    ),
    "feature": Definition(
        _("Feature"), _("A place in the product whose look or behaviour can be set, such as a banner or a button.")
    ),
    "adoption": Definition(
        _("Adoption"), _("The winning variant becomes what everybody sees. It can be rolled back at any time.")
    ),
    "ctr": Definition(_("CTR"), _("Click-through rate: the share of visitors who click at least once.")),
    "cvr": Definition(_("CVR"), _("Conversion rate: the share of visitors who place at least one order.")),
    "aov": Definition(_("AOV"), _("Average order value: the amount of all orders divided by their number.")),
    "arpu": Definition(
        _("ARPU"), _("Average revenue per user: the amount of all orders divided by all users, buyers or not.")
    ),
    "delta-method": Definition(
        _("Delta method"),
        _(
            "The way to compute the variance of a ratio of two averages, such as order value, "
            "when units differ in both."
        ),
    ),
    "non-inferiority": Definition(
        _("Non-inferiority"),
        _("The test behind a guardrail: it shows that the metric did not get worse by more than the margin."),
    ),
    "sequential": Definition(
        _("Sequential test"),
        _("A test that stays valid however often you look at it, at the price of a wider interval."),
    ),
    "holdout": Definition(
        _("Holdout"), _("A small share of units that sees no change at all, to measure what all changes did together.")
    ),
    "layer": Definition(
        _("Layer"), _("Experiments in one layer share the units between them, so that no unit is in two at once.")
    ),
    "aa-test": Definition(
        _("A/A test"),
        _("An experiment whose variants are equal. It should find nothing, and shows that the system works."),
    ),
    "mart": Definition(_("Mart"), _("A table made ready for questions, rebuilt every day from events and orders.")),
    "segment": Definition(_("Segment"), _("A group of units with something in common, such as new visitors.")),
    "persona": Definition(
        _("Persona"),
        _("A type of simulated visitor with known habits. Their true behaviour is known, so results can be checked."),
    ),
    "novelty": Definition(
        _("Novelty effect"), _("An effect that is large because something is new and fades as people get used to it.")
    ),
}
