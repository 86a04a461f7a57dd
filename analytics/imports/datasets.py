"""Datasets of imported logs: made with their partitions, emptied, deleted; and who imports into one just now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.validators import slug_re
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from analytics.imports import cdnow, open_bandit, retailrocket
from analytics.imports.forms import LogForm
from analytics.marts.forgetting import forget_marts
from analytics.models import Dataset
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal import audit
from novarium.portal.models import User

FORMS: dict[str, LogForm] = {
    Dataset.Form.RETAILROCKET.value: retailrocket.FORM,
    Dataset.Form.CDNOW.value: cdnow.FORM,
    Dataset.Form.OPEN_BANDIT.value: open_bandit.FORM,
}
SCHEMA = "warehouse"
_CURRENCIES = {Dataset.Form.CDNOW.value: "USD"}
# The days of these logs are as their publishers counted them.
_ZONES = {
    Dataset.Form.RETAILROCKET.value: "UTC",
    Dataset.Form.CDNOW.value: "UTC",
    Dataset.Form.OPEN_BANDIT.value: "UTC",
}


def dataset_named(key: str) -> Dataset:
    """Return the dataset with this key, whatever text a form sends for one.

    Raises:
        NotFound: there is none.
    """
    if slug_re.fullmatch(key) and (found := Dataset.objects.filter(key=key).first()):
        return found
    raise NotFound(_("There is no such dataset."))


def open_dataset(*, key: str, form: str, name: str = "", actor: User | None = None) -> Dataset:
    """Return the dataset with this key, made with a partition of each raw table of its form where it is missing.

    Args:
        name: What people call it; by default the name of the form, and the key where it is another.

    Raises:
        Invalid: the dataset holds a log of another form.
    """
    label = str(Dataset.Form(form).label)
    with transaction.atomic():
        _hold_all()
        dataset, is_new = Dataset.objects.get_or_create(
            key=key,
            defaults={
                "form": form,
                "name": name or (label if key.replace("-", "_") == form else f"{label} ({key})"),
                "currency": _CURRENCIES.get(form, ""),
                "zone": _ZONES.get(form, ""),
            },
        )
        if dataset.form != form:
            raise Invalid(
                _("The dataset “%(key)s” holds a log of the form %(form)s. Choose another key.")
                % {"key": key, "form": dataset.get_form_display()},
                fields={"key": [_("This key is taken by a dataset of another form.")]},
            )
        if is_new:
            _make_partitions(dataset)
            _record("dataset.create", dataset, actor)
    return dataset


def empty_dataset(dataset: Dataset, *, actor: User | None = None) -> None:
    """Drop all rows, refused lines and checkpoints, so that the log can be imported anew.

    Raises:
        Conflict: an import into it goes on.
    """
    with importing(dataset), transaction.atomic():
        _hold_all()
        _drop_partitions(dataset)
        dataset.files.all().delete()
        _make_partitions(dataset)
        _record("dataset.empty", dataset, actor)


def delete_dataset(dataset: Dataset, *, actor: User | None = None) -> None:
    """Delete the dataset with its rows, refused lines and checkpoints.

    Raises:
        Invalid: it is the dataset of received events.
        Conflict: an import into it goes on.
    """
    if dataset.form not in FORMS:
        raise Invalid(_("What this installation receives is not deleted here."))
    with importing(dataset), transaction.atomic():
        _hold_all()
        _record("dataset.delete", dataset, actor)
        _drop_partitions(dataset)
        forget_marts(dataset.pk)
        dataset.delete()


@contextmanager
def importing(dataset: Dataset) -> Iterator[None]:
    """Hold the dataset for one import, over its many transactions; Postgres lets go when the connection ends.

    Raises:
        Conflict: somebody else holds it.
    """
    number = dataset.pk  # a deleted one has none any more
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(hashtext('import into dataset'), %s)", [number])
        if cursor.fetchone() != (True,):
            raise Conflict(_("An import into the dataset “%(key)s” goes on.") % {"key": dataset.key})
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(hashtext('import into dataset'), %s)", [number])


def is_importing(dataset: Dataset) -> bool:
    """Whether an import into the dataset goes on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted"
            " and database = (select oid from pg_database where datname = current_database())"
            " and classid = (hashtext('import into dataset')::bigint & 4294967295)::oid and objid = %s::oid)",
            [dataset.pk],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def _hold_all() -> None:
    """Let one at a time change which partitions there are."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('raw partitions'))")


def _make_partitions(dataset: Dataset) -> None:
    """Make a partition of each raw table apart and attach it, which waits for no reader of the others."""
    with connection.cursor() as cursor:
        for table in FORMS[dataset.form].tables:
            names = {
                "table": sql.Identifier(SCHEMA, table),
                "partition": _partition(dataset, table),
                "dataset": sql.Literal(dataset.pk),
            }
            cursor.execute(sql.SQL("create table {partition} (like {table})").format(**names))
            cursor.execute(
                sql.SQL("alter table {table} attach partition {partition} for values in ({dataset})").format(**names)
            )


def _drop_partitions(dataset: Dataset) -> None:
    with connection.cursor() as cursor:
        for table in FORMS[dataset.form].tables:
            cursor.execute(sql.SQL("drop table if exists {}").format(_partition(dataset, table)))


def analyse_partitions(dataset: Dataset) -> None:
    """Let Postgres' planner know what the dataset's raw tables hold."""
    with connection.cursor() as cursor:
        for table in FORMS[dataset.form].tables:
            cursor.execute(sql.SQL("analyze {}").format(_partition(dataset, table)))


def _partition(dataset: Dataset, table: str) -> sql.Identifier:
    return sql.Identifier(SCHEMA, f"{table}_{dataset.pk}")


def _record(action: str, dataset: Dataset, actor: User | None) -> None:
    if actor:
        audit.record(
            actor=actor,
            action=action,
            object_type="dataset",
            object_key=dataset.key,
            after={"name": dataset.name, "form": dataset.form} if action == "dataset.create" else None,
        )
