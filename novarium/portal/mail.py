"""One notification as an e-mail."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from novarium.portal.delivery import NotDeliveredError
from novarium.portal.models import Delivery


def send(delivery: Delivery) -> None:
    """Send it in the person's language.

    Raises:
        NotDeliveredError: the mail server did not take it; final where it refuses this very message.
    """
    try:
        _message(delivery).send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise NotDeliveredError(_reason(error), is_final=_is_final(error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotDeliveredError(_reason(error)) from error


def _message(delivery: Delivery) -> EmailMessage:
    user = delivery.user
    if user is None or not user.is_active or not user.email or not settings.SENDS_EMAIL:
        raise NotDeliveredError("The person has no address, or no mail server is set.", is_final=True)
    with translation.override(user.language):
        lines = [
            delivery.text,
            f"{settings.PORTAL_URL}{delivery.url}",
            _("You choose in your profile what is sent to you: %(address)s")
            % {"address": f"{settings.PORTAL_URL}{reverse('portal:profile')}"},
        ]
    subject = " ".join(delivery.text.split())  # a header has no line breaks
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{delivery.pk}@novarium>"}
    return EmailMessage(subject, "\n\n".join(lines) + "\n", to=[user.email], headers=headers)


def _is_final(error: smtplib.SMTPException) -> bool:
    """Whether the server will never take it: all its codes begin with 5."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    return bool(codes) and all(500 <= code < 600 for code in codes)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
