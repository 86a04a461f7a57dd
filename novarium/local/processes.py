"""The processes NovaRium consists of: one table for the local supervisor and docker-compose.yml."""

from __future__ import annotations

import signal
from dataclasses import dataclass

# Settings that every process is given; docker-compose.yml gives the same.
SETTINGS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "NOVARIUM_ENV",
    "PORT",
    "ALLOWED_HOSTS",
    "STATE_DIR",
    "SHOP_BASE_URL",
)
# What only a server needs: its code is read-only, so that exports go where the state is, and a proxy ends HTTPS.
SERVER_SETTINGS = (
    *("DATA_DIR", "TRUST_PROXY_HEADERS", "PROXY_COUNT"),
    # How notifications leave the portal; each may stay empty.
    *("PORTAL_URL", "EMAIL_URL", "EMAIL_FROM", "SLACK_WEBHOOKS", "SLACK_KINDS"),
    # Where logs lie that are imported, and where events come from besides HTTP.
    *("DATA_IMPORT_ROOT", "KAFKA_SERVERS", "KAFKA_TOPIC", "KAFKA_GROUP", "KAFKA_PROPERTIES"),
)


@dataclass(frozen=True)
class Process:
    """One of NovaRium's processes.

    Attributes:
        name: Name in messages, log files and docker-compose.yml.
        arguments: The command; ``{host}`` and ``{port}`` stand for the address to listen on.
        settings: Settings that only this process is given, by name; ``{state}`` stands for
            STATE_DIR.
        grace: Seconds it has to finish its work once it is asked to stop.
        stop_signal: What asks it.
    """

    name: str
    arguments: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    grace: float = 10.0
    stop_signal: signal.Signals = signal.SIGTERM

    def command(self, *, host: str, port: int) -> list[str]:
        """Return the command with the address filled in."""
        return [part.format(host=host, port=port) for part in self.arguments]

    def own_settings(self, *, state: str) -> dict[str, str]:
        """Return the settings that only this process is given."""
        return {name: value.format(state=state) for name, value in self.settings}


# Two workers, each an event loop for the lean path and eight threads for Django's pages (see
# novarium/rsgi.py). Backpressure counts connections: open event streams are many, and cheap.
WEB = Process(
    name="web",
    arguments=(
        *("granian", "--interface", "rsgi", "novarium.rsgi:application"),
        *("--host", "{host}", "--port", "{port}", "--no-ws", "--http", "1"),
        *("--workers", "2", "--loop", "uvloop", "--backlog", "1024"),
        *("--backpressure", "1024", "--respawn-failed-workers", "--workers-kill-timeout", "8"),
    ),
    settings=(("PROMETHEUS_MULTIPROC_DIR", "{state}/prometheus"), ("WEB_WORKERS", "2")),
)
WORKER = Process(
    name="worker",
    arguments=(
        *("celery", "-A", "novarium", "worker", "--loglevel", "INFO"),
        *("--concurrency", "2", "--prefetch-multiplier", "1"),
    ),
    grace=20.0,
)
BEAT = Process(
    name="beat",
    arguments=(
        *("celery", "-A", "novarium", "beat", "--loglevel", "INFO"),
        *("--scheduler", "django_celery_beat.schedulers:DatabaseScheduler"),
    ),
)
# Follows committed events into windows and moments; several are safe, and take turns.
READER = Process(name="reader", arguments=("python", "manage.py", "follow_events"))

PROCESSES = (WEB, WORKER, BEAT, READER)
