"""Step 2 of the builder: the arms, each with a name, a weight and a value of the feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.designs.drafting import MAX_VARIANTS, VariantInput, current_value
from experiments.forms.parameters import PREFIX, ParameterForm
from experiments.models import Experiment
from novarium.kernel.errors import Invalid


class VariantForm(ParameterForm):
    """One arm."""

    key = forms.SlugField(max_length=40, required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=80)
    weight = forms.DecimalField(label=_("Weight"), min_value=0, max_value=100, max_digits=6, decimal_places=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weight"].widget.attrs["step"] = "any"


class VariantForms:
    """All arms of one design; ``count`` in the sent data says how many there are."""

    def __init__(self, forms_: Sequence[VariantForm], *, count_problem: str = "") -> None:
        self.forms = list(forms_)
        self.problems: list[str] = [count_problem] if count_problem else []

    @classmethod
    def saved(cls, experiment: Experiment) -> VariantForms:
        """Return the forms as the draft stands."""
        arms = experiment.variants.order_by("position")
        return cls([_filled(experiment, n, arm.key, arm.name, arm.weight, arm.value) for n, arm in enumerate(arms)])

    @classmethod
    def sent(cls, experiment: Experiment, data: Mapping[str, Any]) -> VariantForms:
        """Return the forms bound to what was sent."""
        typed = str(data.get("count", ""))
        count = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        problem = "" if 2 <= count <= MAX_VARIANTS else gettext("From two to %(n)d variants.") % {"n": MAX_VARIANTS}
        declared = experiment.feature.parameters
        bound = [VariantForm(data, declared=declared, prefix=_prefix(n)) for n in range(min(count, MAX_VARIANTS))]
        return cls(bound, count_problem=problem)

    def is_valid(self) -> bool:
        """Whether each arm is right by itself."""
        wrong = [form for form in self.forms if not form.is_valid()]  # every form, so that each shows its errors
        return not wrong and not self.problems

    def inputs(self) -> list[VariantInput]:
        """Return the arms as they were typed; a new arm's key is made from its name."""
        taken: set[str] = {form.cleaned_data["key"] for form in self.forms} - {""}
        result = []
        for position, form in enumerate(self.forms):
            clean = form.cleaned_data
            key = clean["key"] or _free_key(clean["name"], position, taken)
            taken.add(key)
            result.append(VariantInput(key=key, name=clean["name"], weight=clean["weight"], value=form.value()))
        return result

    def refuse(self, error: Invalid) -> None:
        """Put a domain error's sentences beside the arms' fields or above them all."""
        for name, sentences in error.fields.items():
            part, _dot, rest = name.partition(".")
            index, _dot, parameter = rest.partition(".")
            if part == "variants" and parameter and PREFIX + parameter in self.forms[int(index)].fields:
                self.forms[int(index)].add_error(PREFIX + parameter, sentences)
            else:
                self.problems.extend(sentences)

    def total_weight(self) -> Decimal:
        """Return the sum of the weights as they are shown; what is no number counts as zero."""
        return sum((_decimal(form["weight"].value()) for form in self.forms), Decimal(0))


def reshaped(
    experiment: Experiment, data: Mapping[str, Any], *, add: bool = False, remove: int | None = None
) -> VariantForms:
    """Return the typed arms unchecked, with one more (a copy of today's value) or one less, weights shared equally."""
    sent = VariantForms.sent(experiment, data)
    rows = [_typed(form) for index, form in enumerate(sent.forms) if index != remove]
    if add and len(rows) < MAX_VARIANTS:
        name = gettext("Variant %(letter)s") % {"letter": "ABCDEFGH"[len(rows)]}
        rows.append({"key": "", "name": name, "weight": "", "value": current_value(experiment.feature)})
    if add or remove is not None:
        for row, weight in zip(rows, equal_weights(len(rows)), strict=True):
            row["weight"] = weight
    return VariantForms([_filled(experiment, index, **row) for index, row in enumerate(rows)])


def equal_weights(count: int) -> list[Decimal]:
    """Return weights in per cent that sum to exactly 100, the first taking what does not divide."""
    if count == 0:
        return []
    each = (Decimal(100) / count).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return [100 - each * (count - 1), *[each] * (count - 1)]


def _typed(form: VariantForm) -> dict[str, Any]:
    value = {item["name"]: form[PREFIX + item["name"]].value() for item in form.declared}
    return {name: form[name].value() or "" for name in ("key", "name", "weight")} | {"value": value}


def _filled(
    experiment: Experiment, index: int, key: str, name: str, weight: Any, value: Mapping[str, Any]
) -> VariantForm:
    shown = f"{weight.normalize():f}" if isinstance(weight, Decimal) else weight
    initial = {"key": key, "name": name, "weight": shown}
    return VariantForm(declared=experiment.feature.parameters, value=value, initial=initial, prefix=_prefix(index))


def _prefix(index: int) -> str:
    return f"v{index}"


def _free_key(name: str, position: int, taken: set[str]) -> str:
    stem = slugify(name)[:36].strip("-") or f"variant-{position}"
    candidates = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in candidates if key not in taken)


def _decimal(text: Any) -> Decimal:
    field = forms.DecimalField(required=False, max_digits=12, decimal_places=6)
    try:
        return field.clean(text) or Decimal(0)
    except forms.ValidationError:
        return Decimal(0)
