"""The portal's tables."""

from novarium.portal.models.account import Membership, Team, User
from novarium.portal.models.audit import AuditEntry
from novarium.portal.models.connection import Connection
from novarium.portal.models.delivery import Delivery, SlackPace
from novarium.portal.models.notification import MAILED_AT_FIRST, Kind, MailChoice, Notification
from novarium.portal.models.token import ApiToken

__all__ = [
    "MAILED_AT_FIRST",
    "ApiToken",
    "AuditEntry",
    "Connection",
    "Delivery",
    "Kind",
    "MailChoice",
    "Membership",
    "Notification",
    "SlackPace",
    "Team",
    "User",
]
