"""The one table that says which role may do what."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is in a team; an admin is one in every team."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    LEAD = "lead"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be done; every view and API action names one."""

    READ = "read"  # any page of results, designs, archive
    DISCUSS = "discuss"  # comment on the team's experiments: who may only look can still ask and object
    DESIGN = "design"  # create, edit and clone the team's experiments and metrics, keep templates
    RUN = "run"  # launch, stop, reset, send the swarm
    BUILD = "build"  # run marts and checks
    APPROVE = "approve"  # approve a design for launch
    ADOPT = "adopt"  # adopt or reject, with or without an override
    ROLLBACK = "rollback"  # bring an earlier revision of a feature back
    CONNECT = "connect"  # make, change and revoke the keys by which products use the API
    ADMINISTER = "administer"  # the Django admin


MAY: dict[Action, frozenset[Role]] = {
    Action.READ: frozenset({Role.VIEWER, Role.ANALYST, Role.LEAD, Role.ADMIN}),
    Action.DISCUSS: frozenset({Role.VIEWER, Role.ANALYST, Role.LEAD, Role.ADMIN}),
    Action.DESIGN: frozenset({Role.ANALYST, Role.LEAD, Role.ADMIN}),
    Action.RUN: frozenset({Role.ANALYST, Role.LEAD, Role.ADMIN}),
    Action.BUILD: frozenset({Role.ANALYST, Role.LEAD, Role.ADMIN}),
    Action.APPROVE: frozenset({Role.LEAD, Role.ADMIN}),
    Action.ADOPT: frozenset({Role.LEAD, Role.ADMIN}),
    Action.ROLLBACK: frozenset({Role.LEAD, Role.ADMIN}),
    Action.CONNECT: frozenset({Role.LEAD, Role.ADMIN}),
    Action.ADMINISTER: frozenset({Role.ADMIN}),
}
