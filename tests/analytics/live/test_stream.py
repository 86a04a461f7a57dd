"""The monitor's stream over HTTP: the real server tells a browser's session of windows that the real reader closed."""

from __future__ import annotations

import json
import re
import signal
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.experiments.events.sending import event
from tests.experiments.serving.running import HERO, serving
from tests.local.running import eventually

pytestmark = pytest.mark.slow
NEWS = 'data: {"type":"windows"}'
STREAM, PART = "/monitor/stream", "/monitor/live/"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("monitor") / "state") as found:
        found.manage(
            "from novarium.portal.models import User\n"
            "User.objects.create_user(username='outsider', password='correct horse battery')"
        )
        yield found


class Person(requests.Session):
    """Somebody's browser."""

    def __init__(self, server, username: str = ""):
        super().__init__()
        self.base = f"http://127.0.0.1:{server.port}"
        if username:
            form = self.see("/login/").text
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
            given = {"username": username, "password": "correct horse battery", "csrfmiddlewaretoken": token}
            answer = self.post(f"{self.base}/login/", given, allow_redirects=False, timeout=10)
            assert answer.status_code == 302

    def see(self, path: str, **options):
        return self.get(self.base + path, timeout=30, **options)

    def rows(self) -> list[list[str]]:
        """Return the cells of all tables of the monitor's living part."""
        rows = re.findall(r"<tr>(.*?)</tr>", self.see(PART).text, re.DOTALL)
        return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in re.split(r"</t[dh]>", row)[:-1]] for row in rows]


class Following:
    """An open stream, read in a thread of its own; ``lines`` are what came, with when."""

    def __init__(self, person: Person):
        self.answer = person.see(STREAM, stream=True)
        self.lines: list[tuple[float, str]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for line in self.answer.iter_lines(chunk_size=1, decode_unicode=True):
                self.lines.append((time.monotonic(), line))
        except (requests.RequestException, AttributeError):
            return  # closed by either side

    def told_after(self, moment: float) -> bool:
        return any(at > moment and line == NEWS for at, line in self.lines)

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()


def store(server, *, units: int, ago: timedelta) -> None:
    """Expose units and send an impression of each and a click of the first, as a product does."""
    names = [f"watched-{n}" for n in range(units)]
    for name in names:
        context = {"context": {"targetingKey": name}}
        assert server.ask("POST", f"/ofrep/v1/evaluate/flags/{HERO}", context, key=server.storing_key)[0] == 200
    at, place = datetime.now(UTC) - ago, {"component": "hero", "feature": HERO}
    sent = [event(at, name="impression", unit_id=name, properties=place) for name in names]
    sent.append(event(at, name="click", unit_id=names[0], properties=place))
    status, _headers, raw = server.ask("POST", "/api/v1/events", sent, **{"content-type": "application/json"})
    assert status == 200, raw
    assert json.loads(raw)["stored"] == units + 1, raw


def test_windows_that_close_are_told_and_shown(server):
    boss = Person(server, "boss")
    stream = Following(boss)
    assert (stream.answer.status_code, stream.answer.headers["content-type"]) == (200, "text/event-stream")
    assert eventually(lambda: stream.told_after(0.0), seconds=20)
    store(server, units=5, ago=timedelta(minutes=2))
    stored = time.monotonic()
    assert eventually(lambda: stream.told_after(stored), seconds=25)
    assert eventually(lambda: [HERO, "5", "1", "20.0%"] in boss.rows(), seconds=25)
    assert {tuple(row[:1]) for row in boss.rows()} >= {("Control",), ("Discount",)}
    units = [int(row[1]) for row in boss.rows() if row[0] in {"Control", "Discount"} and row[1].isdigit()]
    assert sum(units) == 5
    stream.answer.close()


def test_stream_is_closed_to_who_is_not_logged_in_or_may_not_read(server):
    for person in (Person(server), Person(server, "outsider")):
        assert person.see(STREAM).status_code == 403
    stranger = Person(server)
    stranger.cookies.set("sessionid", "no-such-session")
    assert stranger.see(STREAM).status_code == 403
    assert Person(server, "boss").post(f"http://127.0.0.1:{server.port}{STREAM}", timeout=10).status_code == 405


def test_stream_of_a_session_that_ended_is_not_opened_again(server):
    boss = Person(server, "boss")
    cookie = boss.cookies["sessionid"]
    given = {"csrfmiddlewaretoken": boss.cookies["csrftoken"]}
    assert boss.post(f"{boss.base}/logout/", given, allow_redirects=False, timeout=10).status_code == 302
    boss.cookies.set("sessionid", cookie)
    assert boss.see(STREAM).status_code == 403


def test_open_streams_end_when_the_server_stops(server):
    stream = Following(Person(server, "boss"))
    (granian,) = [child for child in server.child("granian") if not child.parent().name().startswith("granian")]
    granian.send_signal(signal.SIGTERM)
    assert eventually(lambda: stream.is_over, seconds=15)
