"""What an experiment's page shows of its present run: the ramp with its checks, the phases, and what may change."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from experiments.allocation import phases
from experiments.designs.arms import variants_of
from experiments.forms.moves import AdvanceForm, EndForm, SharesForm
from experiments.models import Experiment, Phase
from experiments.running import ramp, safety_hooks
from experiments.running.ramp_state import RampState, state_of
from experiments.running.runs import get_run_design
from experiments.running.safety_hooks import Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePanel:
    """The present run; the forms are missing once it is over.

    Attributes:
        ramp: Where it stands on its ramp; None without one.
        steps: The ramp for the stepper component.
        safety: What the checks say; None where there is no next step to check for.
        held: Why the ramp is held; empty where it is not.
    """

    phases: tuple[Phase, ...]
    ramp: RampState | None
    steps: tuple[dict[str, str], ...]
    safety: Safety | None
    held: str
    advance_form: AdvanceForm | None
    shares_form: SharesForm | None
    end_form: EndForm | None

    @property
    def present(self) -> Phase:
        """The last phase."""
        return self.phases[-1]


def live_panel(
    experiment: Experiment,
    *,
    advance_form: AdvanceForm | None,
    shares_form: SharesForm | None,
    end_form: EndForm | None,
) -> LivePanel:
    """Return the panel of a launched experiment's present run."""
    run = get_run_design(experiment.key, experiment.run_number)
    last = phases.last_of(experiment)
    is_running = experiment.status == Experiment.Status.RUNNING
    is_live = is_running or experiment.status == Experiment.Status.PAUSED
    state = state_of(run, now=timezone.now()) if is_live else None
    goes_on = is_running and state is not None and state.next_coverage is not None
    safety = safety_hooks.check(run) if goes_on else None
    arms = variants_of(experiment)
    return LivePanel(
        phases=tuple(last.run.phases.select_related("actor").order_by("number")),
        ramp=state,
        steps=tuple({"label": stage.label, "state": stage.state} for stage in state.stages) if state else (),
        safety=safety,
        held=ramp.held_because(experiment, run) if goes_on else "",
        advance_form=_asking(advance_form or AdvanceForm(initial={"phase": last.number}), safety) if safety else None,
        shares_form=shares_form or SharesForm(phase=last, arms=arms) if is_running and last.coverage < 1 else None,
        end_form=end_form or EndForm(initial={"ends_at": experiment.ends_at}) if is_live else None,
    )


def _asking(form: AdvanceForm, safety: Safety) -> AdvanceForm:
    """Return the form with the reason marked as needed where a check fails."""
    form.fields["reason"].required = bool(safety.objections())
    return form
