"""API tokens: made once, shown once, revocable."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from novarium.portal.access import allow, person
from novarium.portal.forms import TokenForm
from novarium.portal.models import ApiToken
from novarium.portal.roles import Action
from novarium.portal.tokens import create_token, revoke_token


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the person's tokens beside the form for a new one."""
    return _page(request, TokenForm())


@never_cache
@require_POST
@allow(Action.READ)
def create(request: HttpRequest) -> HttpResponse:
    """Make a token and show it, this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    token, secret = create_token(
        user=person(request),
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
        lifetime=form.lifetime(),
    )
    header = f"Authorization: Bearer {secret}"
    return render(request, "portal/token_created.html", {"token": token, "secret": secret, "header": header})


@require_POST
@allow(Action.READ)
def revoke(request: HttpRequest, token_key: str) -> HttpResponse:
    """Delete one of the person's tokens; it stops working at once."""
    token = get_object_or_404(ApiToken.objects.select_related("user"), user=person(request), token_key=token_key)
    revoke_token(token, actor=person(request))
    messages.success(request, _("The token is revoked. Programs that use it are refused from now on."))
    return redirect("portal:tokens")


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    tokens = ApiToken.objects.filter(user=person(request))
    return render(request, "portal/tokens.html", {"tokens": tokens, "form": form}, status=status)
