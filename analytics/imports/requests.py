"""Imports that an admin asks for on a page: what may be chosen, and the first step of it."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from analytics.imports.datasets import FORMS, is_importing, open_dataset
from analytics.models import Dataset
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

DEEPEST = 3  # folders below the root
MOST_PLACES = 500
_ENDS = (".csv", ".txt", ".csv.gz", ".txt.gz")
_EVENTS = {"events.csv", "events.csv.gz"}


def places() -> list[str]:
    """Return the folders with events.csv and the other files below DATA_IMPORT_ROOT, relative to it and in order."""
    if not settings.DATA_IMPORT_ROOT:
        return []
    root = Path(settings.DATA_IMPORT_ROOT)
    found: list[str] = []
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        if len(here.parts) >= DEEPEST:
            folders.clear()
        folders.sort()
        if not _EVENTS.isdisjoint(files):
            found.append(here.as_posix())
            continue
        found += [(here / name).as_posix() for name in sorted(files) if name.endswith(_ENDS)]
        if len(found) >= MOST_PLACES:
            break
    return found[:MOST_PLACES]


def request_import(*, key: str, form: str, place: str, actor: User) -> tuple[Dataset, Path]:
    """Make the dataset where it is missing; return it and the place, for the caller to hand to a worker.

    Asking again for a broken-off import goes on with it.

    Args:
        place: One of ``places()``.

    Raises:
        Invalid: the place is none of them, holds no log of this form, or the key is taken by another form.
        Conflict: an import into the dataset goes on.
    """
    if place not in places():
        raise Invalid(_("There is no such log."), fields={"place": [_("Choose a folder or file that is still there.")]})
    path = Path(settings.DATA_IMPORT_ROOT, place)
    try:
        FORMS[form].find(path)
    except Invalid as error:
        raise Invalid(error.message, fields={"place": [error.message]}) from error
    with transaction.atomic():
        dataset = open_dataset(key=key, form=form, actor=actor)
        if is_importing(dataset):
            raise Conflict(_("An import into the dataset “%(key)s” goes on.") % {"key": key})
        audit.record(
            actor=actor, action="dataset.import", object_type="dataset", object_key=key, after={"place": place}
        )
    return dataset, path
