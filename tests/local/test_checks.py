"""A database that is newer than the code, and a disk that is full, are refused in words."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from novarium.local import state as states
from novarium.local.checks import require_known_migrations
from novarium.local.problem import SetupProblemError
from novarium.local.state import State


@pytest.mark.django_db
def test_a_database_of_this_code_is_accepted():
    require_known_migrations()


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["experiments", "an_app_of_the_future"])
def test_a_database_that_has_seen_later_migrations_of_ours_is_refused(app):
    MigrationRecorder(connection).record_applied(app, "9999_later")

    with pytest.raises(SetupProblemError, match=rf"newer than this code .*{app}\.9999_later.*make reset"):
        require_known_migrations()


@pytest.mark.django_db
def test_a_migration_that_a_library_has_squashed_is_no_reason_to_refuse():
    MigrationRecorder(connection).record_applied("django_celery_beat", "0000_squashed_since")

    require_known_migrations()


def test_a_full_disk_is_named_with_what_to_free(tmp_path, monkeypatch):
    monkeypatch.setattr(states, "NEEDED_BYTES", 1 << 60)
    state = State(tmp_path / "state")

    with pytest.raises(SetupProblemError, match=r"Only \d+ MB are free at .*NOVARIUM_STATE"):
        state.acquire()
    assert not state.is_held()
