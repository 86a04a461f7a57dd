"""The whole of what the shop sells, as the warehouse holds it: for the past, where no page can be opened any more."""

from __future__ import annotations

from django.utils.translation import gettext as _

from novarium.kernel import sql
from novarium.kernel.errors import Conflict
from simulation.catalogue import Catalogue, Listing, Menu


def whole_catalogue() -> Catalogue:
    """Return all restaurants as if all were open, each list holding all that belongs on it.

    Raises:
        Conflict: The shop sells nothing yet.
    """
    rows = sql.rows("simulation/sql/menus.sql")
    if not rows:
        raise Conflict(_("The shop sells nothing yet. Run: manage.py seed_shop"))
    menus = tuple(
        Menu(row["restaurant"], tuple(row["dishes"]), tuple(row["prices"]), row["minimum"], row["fee"]) for row in rows
    )
    everything = tuple(range(len(menus)))
    categories = tuple(
        Listing(key, tuple(index for index, row in enumerate(rows) if row["category"] == key))
        for key in sorted({row["category"] for row in rows})
    )
    return Catalogue(menus=menus, home=everything, hero=everything, categories=categories, searches=categories)
