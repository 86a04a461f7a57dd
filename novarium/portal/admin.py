"""The portal's tables in the Django admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from novarium.portal import audit, delivery, grants_store, schedule_admin
from novarium.portal.audited_admin import AuditedAdmin
from novarium.portal.models import (
    ApiToken,
    AuditEntry,
    Connection,
    Delivery,
    Membership,
    Notification,
    Team,
    User,
)
from novarium.portal.read_only_admin import ReadOnlyAdmin
from novarium.portal.tokens import revoke_token, revoke_tokens_of

__all__ = ["schedule_admin"]  # imported so that it registers its tables

if TYPE_CHECKING:
    Inline = admin.TabularInline[Membership, Any]
    Accounts = UserAdmin[User]
else:
    Inline = admin.TabularInline
    Accounts = UserAdmin


class MembershipInline(Inline):
    """Who is what in a team."""

    model = Membership
    extra = 0
    autocomplete_fields = ("user", "team")


class GrantingAdmin(AuditedAdmin):
    """Of what decides what a token allows: whoever holds the grants in memory reads them anew."""

    def _record(self, *args: Any, **kwargs: Any) -> None:
        super()._record(*args, **kwargs)
        grants_store.changed()


@admin.register(User)
class PersonAdmin(GrantingAdmin, Accounts):
    """Accounts; they are switched off rather than deleted, so that the audit log keeps its names."""

    list_display = (
        "username",
        "first_name",
        "last_name",
        "email",
        "is_active",
        "is_superuser",
        "language",
        "last_login",
    )
    list_filter = ("is_active", "is_superuser", "memberships__role", "memberships__team")
    search_fields = ("username", "first_name", "last_name", "email")
    ordering = ("username",)
    inlines = (MembershipInline,)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language", "theme")}),
        (
            _("Access"),
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": _(
                    "Staff and superuser together make an administrator; all other roles are given by teams."
                ),
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody deletes an account."""
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        """Change a person's password; their tokens end with the old one."""
        with transaction.atomic():
            before = User.objects.filter(pk=id).values_list("password", flat=True).first()
            response: HttpResponse = super().user_change_password(request, id, form_url)
            person = User.objects.filter(pk=id).first()
            if person and person.password != before:
                revoke_tokens_of(person, actor=cast(User, request.user))
        return response


@admin.register(Team)
class TeamAdmin(GrantingAdmin):
    """Teams with their members."""

    list_display = ("name", "key", "size", "created_at")
    search_fields = ("name", "key")
    prepopulated_fields: ClassVar = {"key": ("name",)}
    inlines = (MembershipInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        """Count the members along."""
        teams: QuerySet[Team] = super().get_queryset(request)
        return teams.annotate(size=Count("memberships"))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Team | None = None) -> dict[str, Any]:
        """Suggest a key for a new team only."""
        return {} if obj else dict(super().get_prepopulated_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        """Addresses contain the key, so it stays."""
        return ("key", "created_at") if obj else ("created_at",)

    @admin.display(description=_("members"), ordering="size")
    def size(self, team: Team) -> int:
        """Return the number of members."""
        return int(cast(Any, team).size)


@admin.register(Membership)
class MembershipAdmin(GrantingAdmin):
    """Memberships as one list."""

    list_display = ("user", "team", "role")
    list_filter = ("role", "team")
    list_select_related = ("user", "team")
    search_fields = ("user__username", "user__first_name", "user__last_name", "team__name")
    autocomplete_fields = ("user", "team")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The audit log."""

    list_display = ("at", "actor", "action", "object_type", "object_key", "team", "note")
    list_filter = ("action", "object_type", "team")
    list_select_related = ("actor", "team")
    search_fields = ("object_key", "action", "note", "actor__username")
    date_hierarchy = "at"


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """Messages to people."""

    list_display = ("created_at", "user", "kind", "text", "read_at")
    list_filter = (
        "kind",
        ("read_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user",)
    search_fields = ("user__username", "text")


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    """Connections: looked at; leads change them in the portal."""

    list_display = ("name", "team", "kind", "key_prefix", "scope_labels", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("kind", "team")
    list_select_related = ("team",)
    search_fields = ("name", "key_prefix", "team__name")
    exclude = ("key_digest",)

    @admin.display(description=_("scopes"))
    def scope_labels(self, connection: Connection) -> str:
        """Return the scopes in words."""
        return connection.scope_labels


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """E-mails and messages to Slack: what is on its way, what arrived, and what failed and why."""

    list_display = ("created_at", "channel", "user", "team", "text", "status", "attempts", "last_error", "due_at")
    list_filter = ("status", "channel", "kind", "team")
    list_select_related = ("user", "team")
    search_fields = ("text", "last_error", "user__username")
    actions = ("try_again",)

    @admin.action(description=_("Send the failed ones again"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Make failed messages due, with all attempts before them."""
        with transaction.atomic():
            keys = [str(pk) for pk in queryset.filter(status=Delivery.Status.FAILED).values_list("pk", flat=True)]
            count = delivery.try_again(queryset, now=timezone.now())
            audit.record(
                actor=cast(User, request.user),
                action="delivery.retry",
                object_type="delivery",
                object_key=keys[0] if len(keys) == 1 else "",
                before={"status": Delivery.Status.FAILED, "deliveries": keys},
                after={"status": Delivery.Status.PENDING, "deliveries": keys},
            )
        messages.success(request, _("%(count)d messages are due again.") % {"count": count})


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens: listed and revoked. The key of the table is the hash, so no address and no form may carry it."""

    list_display = ("name", "user", "begins_with", "scope_labels", "created", "last_used_at", "expiry", "revoke_link")
    list_display_links = None
    list_filter = ("user",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username", "token_key")

    def get_urls(self) -> list[URLPattern]:
        """Offer the list and revocation; there are no pages of single tokens."""
        changelist = [pattern for pattern in super().get_urls() if str(pattern.name).endswith("_changelist")]
        revoke = path(
            "<int:user>/<slug:token_key>/revoke/",
            self.admin_site.admin_view(self.revoke),
            name="portal_apitoken_revoke",
        )
        return [*changelist, revoke]

    @admin.display(description=_("begins with"))
    def begins_with(self, token: ApiToken) -> str:
        """Return what tells tokens apart."""
        return f"{token.token_key}…"

    @admin.display(description=_("scopes"))
    def scope_labels(self, token: ApiToken) -> str:
        """Return the scopes in words."""
        return token.scope_labels

    @admin.display(description=_("revoke"))
    def revoke_link(self, token: ApiToken) -> str:
        """Link to the revocation."""
        address = reverse("admin:portal_apitoken_revoke", args=[token.user_id, token.token_key])
        return format_html('<a href="{}">{}</a>', address, _("Revoke"))

    def revoke(self, request: HttpRequest, user: int, token_key: str) -> HttpResponse:
        """Ask, then delete the token, and record it."""
        token = get_object_or_404(ApiToken, user=user, token_key=token_key)
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": _("Revoke the token"), "token": token}
            return TemplateResponse(request, "admin/revoke_token.html", context)
        revoke_token(token, actor=cast(User, request.user))
        messages.success(request, _("The token is revoked."))
        return redirect("admin:portal_apitoken_changelist")
