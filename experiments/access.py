"""Access to one object: fetched and checked in one place, which every page and API call goes through."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from experiments.models import (
    Comment,
    DesignTemplate,
    EventType,
    Experiment,
    Feature,
    Layer,
    Metric,
    RejectedEvent,
)
from novarium.kernel.errors import NotFound
from novarium.portal.access import require
from novarium.portal.models import Membership, User
from novarium.portal.roles import Action, Role


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


def get_comment(user: User, key: str, comment_id: int, action: Action) -> Comment:
    """Return a comment on the experiment, with the experiment and its team.

    Raises:
        NotFound: there is no such experiment, or no such comment on it.
        Forbidden: the person may not do the action to it.
    """
    experiment = get_experiment(user, key, action)
    found = experiment.comments.select_related("author").filter(pk=comment_id).first()
    if found is None:
        raise NotFound(_("There is no such comment; it may have been deleted."))
    found.experiment = experiment
    return found


def get_template(user: User, template_id: int, action: Action = Action.READ) -> DesignTemplate:
    """Return a design template with its team.

    Raises:
        NotFound: there is none.
        Forbidden: the person may not do the action to it.
    """
    found = DesignTemplate.objects.select_related("team").filter(pk=template_id).first()
    if found is None:
        raise NotFound(_("There is no such template; it may have been deleted."))
    require(user, action, found.team_id)
    return found


def get_layer(user: User, key: str, action: Action = Action.READ) -> Layer:
    """Return the layer with its team.

    Raises:
        NotFound: there is none with this key.
        Forbidden: the person may not do the action to it.
    """
    found = Layer.objects.select_related("team").filter(key=key).first()
    if found is None:
        raise NotFound(_("There is no layer “%(key)s”.") % {"key": key})
    require(user, action, found.team_id)
    return found


def leads_of(experiment: Experiment) -> list[User]:
    """Return the leads of the experiment's team: who may approve its design."""
    memberships = Membership.objects.filter(team_id=experiment.team_id, role=Role.LEAD.value, user__is_active=True)
    return [membership.user for membership in memberships.select_related("user")]
