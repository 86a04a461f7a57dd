"""Which previews were really opened, by whom; a changed value has to be looked at again."""

from __future__ import annotations

from experiments.designs.arms import variants_of
from experiments.designs.design import snapshot_hash
from experiments.features.preview_pages import PAGES
from experiments.models import Experiment, SeenPreview, Variant
from novarium.portal.access import can
from novarium.portal.models import User
from novarium.portal.roles import Action


def mark(experiment: Experiment, variant: Variant, *, person: User) -> bool:
    """Note that the person opened the variant's preview, if they may design or approve here; return whether noted."""
    if not can(person, Action.DESIGN, experiment.team_id):
        return False
    SeenPreview.objects.get_or_create(experiment=experiment, value_hash=_hash(experiment, variant), user=person)
    return True


def unseen(experiment: Experiment) -> list[Variant]:
    """Return the variants with a weight whose present look nobody has opened; none where there is no page to open."""
    if experiment.feature.surface not in PAGES:
        return []
    seen = set(experiment.seen_previews.values_list("value_hash", flat=True))
    variants = [variant for variant in variants_of(experiment) if variant.weight > 0]
    return [variant for variant in variants if _hash(experiment, variant) not in seen]


def _hash(experiment: Experiment, variant: Variant) -> str:
    return snapshot_hash({"feature": experiment.feature.key, "value": variant.value})
