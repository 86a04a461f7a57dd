"""The portal's tables."""

from novarium.portal.models.account import Membership, Team, User
from novarium.portal.models.audit import AuditEntry
from novarium.portal.models.connection import Connection
from novarium.portal.models.notification import Notification
from novarium.portal.models.token import ApiToken

__all__ = ["ApiToken", "AuditEntry", "Connection", "Membership", "Notification", "Team", "User"]
