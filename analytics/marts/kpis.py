"""The one place where the KPIs are defined: the Data Lab, the exports and the documents show what stands here. Pure.

Each KPI is a quotient of two columns of a mart, so that it can be computed for a day, a week or a whole: of the sums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A quotient of two columns of a mart.

    Attributes:
        table: The SQL model that has the columns.
        unit: ``share`` lies within 0 and 1, ``money`` is in units of the currency, ``number`` in neither.
        metric: The metric of experiments that asks the same of exposed units; empty where there is none.
    """

    key: str
    label: str | Promise
    description: str | Promise
    table: str
    numerator: str
    denominator: str
    unit: Literal["share", "money", "number"] = "share"
    metric: str = ""

    @property
    def formula(self) -> str:
        """The columns that are divided; of days or weeks together their sums are."""
        hundredths = " / 100" if self.unit == "money" else ""
        return f"{self.numerator} / {self.denominator}{hundredths}"

    @property
    def grain(self) -> str:
        """What one value is of, in words."""
        return str(GRAINS[self.table])


GRAINS: Mapping[str, str | Promise] = {
    "daily_metrics": _("A day of a dataset"),
    "funnel_daily": _("A day of a dataset"),
    "cohort_weekly": _("A week of a cohort"),
}

_KPIS = (
    Kpi(
        key="ctr", label=_("CTR"), description=_("Visitors who clicked, of all visitors."),
        table="daily_metrics", numerator="clickers", denominator="visitors", metric="ctr",
    ),
    Kpi(
        key="cvr", label=_("CVR"), description=_("Visitors who ordered, of all visitors."),
        table="daily_metrics", numerator="buyers", denominator="visitors", metric="cvr",
    ),
    Kpi(
        key="cart_rate", label=_("Cart rate"),
        description=_("Visitors who put something into the cart, of all visitors."),
        table="daily_metrics", numerator="carters", denominator="visitors", metric="cart-rate",
    ),
    Kpi(
        key="click_cvr", label=_("Orders per clicker"),
        description=_("Visitors who clicked and ordered, of those who clicked."),
        table="daily_metrics", numerator="clicking_buyers", denominator="clickers",
    ),
    Kpi(
        key="aov", label=_("AOV"), description=_("Revenue divided by orders."),
        table="daily_metrics", numerator="revenue_minor", denominator="orders", unit="money",
        metric="aov",
    ),
    Kpi(
        key="arpu", label=_("ARPU"), description=_("Revenue divided by visitors."),
        table="daily_metrics", numerator="revenue_minor", denominator="visitors", unit="money",
        metric="arpu",
    ),
    Kpi(
        key="session_depth", label=_("Pages per session"), description=_("Page views divided by sessions."),
        table="daily_metrics", numerator="page_views", denominator="sessions", unit="number",
    ),
    Kpi(
        key="bounce_rate", label=_("Bounce rate"),
        description=_("Sessions with one page view at most and nothing else, of all sessions."),
        table="daily_metrics", numerator="bounces", denominator="sessions",
    ),
    Kpi(
        key="view_to_cart", label=_("View to cart"),
        description=_("Visitors who saw a page and filled a cart, of those who saw a page."),
        table="funnel_daily", numerator="viewing_carters", denominator="viewers",
    ),
    Kpi(
        key="cart_to_order", label=_("Cart to order"),
        description=_("Visitors who saw a page, filled a cart and ordered, of those who did the first two."),
        table="funnel_daily", numerator="viewing_carting_buyers", denominator="viewing_carters",
    ),
    Kpi(
        key="retention", label=_("Retention"),
        description=_("Visitors of a cohort who came in the week, of the whole cohort."),
        table="cohort_weekly", numerator="visitors", denominator="cohort_visitors",
    ),
    Kpi(
        key="reorder_rate", label=_("Re-order rate"),
        description=_("Visitors with an order in the week that was not their first, of those with an order in it."),
        table="cohort_weekly", numerator="reorderers", denominator="buyers",
    ),
)  # fmt: skip
KPIS: Mapping[str, Kpi] = {kpi.key: kpi for kpi in _KPIS}
_OF_METRICS: Mapping[str, Kpi] = {kpi.metric: kpi for kpi in _KPIS if kpi.metric}


def of_metric(key: str) -> Kpi | None:
    """Return the KPI that a metric of experiments is, where it is one."""
    return _OF_METRICS.get(key)


def value_of(key: str, row: Any) -> float | None:
    """Return the KPI of a row, or of summed rows, that has its columns as attributes; None without a denominator.

    Money comes in units of the currency: the columns hold hundredths.
    """
    kpi = KPIS[key]
    below = getattr(row, kpi.denominator)
    if not below:
        return None
    return float(getattr(row, kpi.numerator) / below / (100 if kpi.unit == "money" else 1))
