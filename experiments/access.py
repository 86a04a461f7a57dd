"""Access to one object: fetched and checked in one place, which every page and API call goes through."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from experiments.models import EventType, Experiment, Feature, Metric, RejectedEvent
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


def get_event_type(user: User, name: str, action: Action = Action.READ) -> EventType:
    """Return the event of the catalogue with its team and owner.

    Raises:
        NotFound: there is none with this name.
        Forbidden: the person may not do the action to it.
    """
    found = EventType.objects.select_related("team", "owner").filter(name=name).first()
    if found is None:
        raise NotFound(_("There is no event “%(name)s”.") % {"name": name})
    require(user, action, found.team_id)
    return found


def get_rejected_event(user: User, rejected_id: uuid.UUID, action: Action = Action.READ) -> RejectedEvent:
    """Return the rejected event; it is nobody's, so a role in any team decides.

    Raises:
        NotFound: there is none.
        Forbidden: the person may not do the action.
    """
    require(user, action)
    found = RejectedEvent.objects.filter(pk=rejected_id).first()
    if found is None:
        raise NotFound(_("There is no such rejected event."))
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
