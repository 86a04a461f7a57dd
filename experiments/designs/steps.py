"""The five steps of the builder, and which step mends which problem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from experiments.models import Experiment

STEPS: dict[str, str | Promise] = {
    "hypothesis": _("Hypothesis"),
    "variants": _("Variants"),
    "traffic": _("Audience and traffic"),
    "plan": _("Power and duration"),
    "review": _("Review and launch"),
}
_HOME = {
    "variants": "variants",
    "weights": "variants",
    "ramp": "traffic",
    "layer_start": "traffic",
    "planned_units": "plan",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence, and the step where it is mended."""

    sentence: str
    step: str
    step_name: str | Promise
    url: str


def step_of(field: str) -> str:
    """Return the step on which a problem of this field is mended."""
    return _HOME.get(field.partition(".")[0], "hypothesis")


def address(experiment: Experiment, step: str) -> str:
    """Return the address of a step."""
    return reverse(f"experiments:{step}", args=[experiment.key])


def problems_with_steps(experiment: Experiment, problems: dict[str, list[str]]) -> list[Problem]:
    """Return each problem with the step that mends it, in the order of the steps."""
    found = [
        Problem(sentence, step_of(field), STEPS[step_of(field)], address(experiment, step_of(field)))
        for field, sentences in problems.items()
        for sentence in sentences
    ]
    return sorted(found, key=lambda problem: list(STEPS).index(problem.step))


def stepper(experiment: Experiment | None, *, current: str, problems: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the stepper's items; a step is done when nothing is missing there."""
    open_steps = {step_of(field) for field in problems} | {"review"}
    return [
        {
            "label": label,
            "state": _state(step, current, is_done=experiment is not None and step not in open_steps),
            "url": address(experiment, step) if experiment else "",
        }
        for step, label in STEPS.items()
    ]


def _state(step: str, current: str, *, is_done: bool) -> str:
    if step == current:
        return "current"
    return "done" if is_done else "ahead"


def target(experiment: Experiment, *, wanted: str, current: str) -> str:
    """Return where to go after a save: a step by name, ``next``, ``back``, or the same step."""
    names = list(STEPS)
    place = names.index(current)
    moves = {"next": names[min(place + 1, len(names) - 1)], "back": names[max(place - 1, 0)]}
    return address(experiment, moves.get(wanted, wanted if wanted in STEPS else current))
