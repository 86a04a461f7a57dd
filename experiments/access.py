"""Access to one object: fetched and checked in one place, which every page and API call goes through."""

from __future__ import annotations

from django.utils.translation import gettext as _

from experiments.models import Experiment, Feature, Metric
from novarium.kernel.errors import NotFound
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.roles import Action


def get_experiment(user: User, key: str, action: Action = Action.READ) -> Experiment:
    """Return the experiment with its team, owner, feature and OEC.

    Raises:
        NotFound: there is none with this key.
        Forbidden: the person may not do the action to it.
    """
    found = Experiment.objects.select_related("team", "owner", "feature__team", "oec").filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no experiment “%(key)s”.") % {"key": key})
    require(user, action, found.team_id)
    return found


def get_feature(user: User, key: str, action: Action = Action.READ) -> Feature:
    """Return the feature with its team.

    Raises:
        NotFound: there is none with this key.
        Forbidden: the person may not do the action to it.
    """
    found = Feature.objects.select_related("team").filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no feature “%(key)s”.") % {"key": key})
    require(user, action, found.team_id)
    return found


def get_metric(user: User, key: str, action: Action = Action.READ) -> Metric:
    """Return the metric with its team.

    Raises:
        NotFound: there is none with this key.
        Forbidden: the person may not do the action to it.
    """
    found = Metric.objects.select_related("team").filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no metric “%(key)s”.") % {"key": key})
    require(user, action, found.team_id)
    return found
