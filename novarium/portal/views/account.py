"""Logging in, and how the portal looks and speaks to a person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from novarium.kernel.errors import Invalid
from novarium.portal import account, audit, notify
from novarium.portal.access import person, personal
from novarium.portal.forms import LoginForm, MailForm, ProfileForm
from novarium.portal.models import Membership, User
from novarium.portal.tokens import revoke_tokens_of


@method_decorator(login_not_required, name="dispatch")
class Login(LoginView):
    """The login page; failures are counted by axes, which locks after five."""

    template_name = "portal/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: Any) -> HttpResponse:
        """Answer 422 with the form."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
@personal
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    return LogoutView.as_view()(request)


@require_safe
@personal
def profile(request: HttpRequest) -> HttpResponse:
    """Show the person's settings."""
    return _profile(request)


@require_POST
@personal
def save_profile(request: HttpRequest) -> HttpResponse:
    """Save name, language and theme."""
    form = ProfileForm(request.POST, instance=person(request))
    if not form.is_valid():
        return _profile(request, profile_form=form)
    account.change_profile(person(request), form.cleaned_data)
    translation.activate(person(request).language)
    messages.success(request, _("Your settings are saved."))
    return _remember_language(redirect("portal:profile"), person(request).language)


@require_POST
@personal
def save_mail(request: HttpRequest) -> HttpResponse:
    """Save which kinds of message also come by e-mail."""
    form = MailForm(request.POST)
    if not form.is_valid():
        return _profile(request, mail_form=form)
    account.choose_mail(person(request), form.cleaned_data["kinds"])
    messages.success(request, _("Your settings are saved."))
    return redirect(reverse("portal:profile") + "#notifications")


@require_POST
@personal
def change_password(request: HttpRequest) -> HttpResponse:
    """Change the password; the person stays logged in here, is logged out everywhere else, and tokens end."""
    form = PasswordChangeForm(person(request), request.POST)
    if not form.is_valid():
        return _profile(request, password_form=form)
    user = form.save(commit=False)
    with transaction.atomic():
        user.save(update_fields=["password"])
        audit.record(actor=user, action="account.password", object_type="user", object_key=user.get_username())
        ended = revoke_tokens_of(person(request), actor=person(request))
    update_session_auth_hash(request, user)
    messages.success(request, _("Your password is changed. Other devices are logged out."))
    if ended:
        messages.warning(request, _("Your API tokens are revoked with it: make new ones for your programs."))
    return redirect("portal:profile")


@login_not_required
@require_POST
def change_language(request: HttpRequest) -> HttpResponse:
    """Change the language, kept in the account and in a cookie for the pages before the login."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not offered."))
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return _remember_language(HttpResponseRedirect(_next(request)), language)


@require_POST
@personal
def change_theme(request: HttpRequest) -> HttpResponse:
    """Change the theme."""
    theme = request.POST.get("theme", "")
    if theme not in User.Theme.values:
        raise Invalid(_("This theme is not offered."))
    User.objects.filter(pk=person(request).pk).update(theme=theme)
    return HttpResponseRedirect(_next(request))


def _profile(
    request: HttpRequest,
    *,
    profile_form: ProfileForm | None = None,
    password_form: PasswordChangeForm | None = None,
    mail_form: MailForm | None = None,
) -> HttpResponse:
    password_form = password_form or PasswordChangeForm(person(request))
    password_form.fields["old_password"].widget.attrs.pop("autofocus", None)  # the page does not begin with it
    refused = password_form.is_bound or profile_form is not None or mail_form is not None
    context = {
        "profile_form": profile_form or ProfileForm(instance=User.objects.get(pk=person(request).pk)),
        "password_form": password_form,
        "mail_form": mail_form or MailForm(initial={"kinds": notify.mailed_kinds(person(request))}),
        "sends_email": settings.SENDS_EMAIL,
        "memberships": Membership.objects.filter(user=person(request)).select_related("team").order_by("team__name"),
    }
    return render(request, "portal/profile.html", context, status=422 if refused else 200)


def _next(request: HttpRequest) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else reverse("portal:overview")


def _remember_language(response: HttpResponse, language: str) -> HttpResponse:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=60 * 60 * 24 * 365,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response
