"""Each table lives where settings say, and the lesser roles reach no further than they must."""

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from novarium.kernel.postgres.base import schema_of
from novarium.settings import role_password


def test_every_table_is_in_its_schema(db):
    with connection.cursor() as cursor:
        cursor.execute("select tablename, schemaname from pg_tables")
        found = dict(cursor.fetchall())
    wanted = {m._meta.db_table: schema_of(m) for m in apps.get_models() if m._meta.managed and not m._meta.swapped}
    assert {table: found.get(table) for table in wanted} == wanted


@pytest.fixture
def connect(transactional_db):
    """Return a function that connects to the test database as a role."""
    params = connection.get_connection_params()

    def as_role(role):
        return psycopg.connect(
            host=params["host"],
            port=params.get("port"),
            dbname=params["dbname"],
            user=role,
            password=role_password(role),
            autocommit=True,
        )

    return as_role


@pytest.mark.parametrize("role", [settings.SHOP_ROLE, settings.READER_ROLE])
@pytest.mark.parametrize("table", ["portal_user", "django_session", "portal_apitoken"])
def test_lesser_roles_cannot_read_accounts(connect, role, table):
    with connect(role) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"select * from portal.{table}")  # noqa: S608 - names from this file


def test_shop_may_not_change_designs_or_history(connect):
    with connect(settings.SHOP_ROLE) as conn:
        conn.execute("select * from experiment.experiments_experiment")
        for statement in (
            "update experiment.experiments_experiment set name = ''",
            "delete from experiment.experiments_event",
            "update experiment.experiments_event set amount = 1",
            "insert into experiment.experiments_featurerevision (number) values (1)",
            "insert into experiment.experiments_run (number) values (1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


def test_reader_reads_both_schemas_and_writes_nothing(connect):
    with connect(settings.READER_ROLE) as conn:
        conn.execute("select * from experiment.experiments_event")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("insert into experiment.experiments_exposure (run_id) values (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select experiment.ensure_event_partition('2999-01-01')")
