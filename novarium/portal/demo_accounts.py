"""The people of a demo installation; their passwords are made anew for each installation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from novarium.portal.models import Membership, Team, User
from novarium.portal.roles import Role

TEAM_KEY = "novaeats"


@dataclass(frozen=True, slots=True)
class Login:
    """A person who can log in to the demo."""

    username: str
    password: str
    role: str


_PEOPLE: tuple[tuple[str, str, str, Role], ...] = (
    ("admin", "Ada", "Han", Role.ADMIN),
    ("lead", "Lena", "Park", Role.LEAD),
    ("analyst", "Ana", "Kim", Role.ANALYST),
    ("viewer", "Vic", "Lee", Role.VIEWER),
)


def logins_file() -> Path:
    """Return where the demo's logins are written, readable by the owner only."""
    return Path(settings.STATE_DIR) / "demo-logins.txt"


def install() -> list[Login]:
    """Create the demo's team and people where they are missing; return the logins that are known."""
    known = _read()
    with transaction.atomic():
        team, _created = Team.objects.get_or_create(key=TEAM_KEY, defaults={"name": "NovaEats Growth"})
        for username, first, last, role in _PEOPLE:
            if User.objects.filter(username=username).exists():
                continue
            password = secrets.token_urlsafe(9)
            known[username] = Login(username, password, role.value)
            _create(username, first, last, role, password, team)
        logins = [known[person[0]] for person in _PEOPLE if person[0] in known]
        _write(logins)
    return logins


def _create(username: str, first: str, last: str, role: Role, password: str, team: Team) -> None:
    names = {"first_name": first, "last_name": last, "email": f"{username}@novaeats.example"}
    if role is Role.ADMIN:
        User.objects.create_superuser(username=username, password=password, **names)
        return
    user = User.objects.create_user(username=username, password=password, **names)
    Membership.objects.create(user=user, team=team, role=role.value)


def _read() -> dict[str, Login]:
    if not logins_file().is_file():
        return {}
    lines = logins_file().read_text(encoding="utf-8").splitlines()
    return {login.username: login for login in (Login(*line.split()) for line in lines if len(line.split()) == 3)}


def _write(logins: list[Login]) -> None:
    path = logins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    lines = [f"{login.username:<10}{login.password:<16}{login.role}" for login in logins]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
