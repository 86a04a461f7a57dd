"""The KPI tables from a log's files, in pandas: written apart from the SQL, after the definitions in its headers."""

from __future__ import annotations

import numpy as np
import pandas as pd

DAY, HALF_HOUR = 86_400_000, 1_800_000
NAMES = {"view": "page_view", "addtocart": "add_to_cart", "transaction": "purchase"}


def read(folder):
    """Return events with day and session (of a log whose days are UTC's), item categories and the category tree."""
    events = pd.read_csv(folder / "events.csv", dtype={"transactionid": "Int64"})
    events["event"] = events["event"].map(NAMES)
    events = events.drop_duplicates(["timestamp", "visitorid", "event", "itemid", "transactionid"])
    events = events.sort_values(["visitorid", "timestamp"], kind="stable").reset_index(drop=True)
    events["day"] = events["timestamp"] // DAY
    before = events.groupby(["visitorid", "day"])["timestamp"].shift()
    starts = before.isna() | (events["timestamp"] - before > HALF_HOUR)
    events["session"] = starts.groupby([events["visitorid"], events["day"]]).cumsum().astype(int)
    parts = [
        pd.read_csv(path, dtype={"property": str, "value": str}).assign(part=number)
        for number, path in enumerate(sorted(folder.glob("item_properties_part*.csv")), 1)
    ]
    properties = pd.concat(parts)
    properties["line"] = properties.index
    told = properties[properties["property"] == "categoryid"]
    told = told.assign(day=told["timestamp"] // DAY).sort_values(["timestamp", "part", "line"], kind="stable")
    told = told.drop_duplicates(["itemid", "day"], keep="last")
    tree = pd.read_csv(folder / "category_tree.csv", dtype={"parentid": "Int64"})
    return events, told.assign(category=told["value"].astype("int64"))[["itemid", "day", "category"]], tree


def visitor_days(events):
    """Return what each visitor did on each day."""
    one = events.assign(
        views=events["event"] == "page_view",
        carts=events["event"] == "add_to_cart",
        bought=events["transactionid"].where(events["event"] == "purchase"),
    )
    found = one.groupby(["visitorid", "day"]).agg(
        views=("views", "sum"), carts=("carts", "sum"), orders=("bought", "nunique"), sessions=("session", "max")
    )
    return found.reset_index()


def daily_metrics(events):
    """Return visitors, sessions, views, carters, buyers, orders and bounces of each day."""
    days = visitor_days(events)
    one = events.assign(views=events["event"] == "page_view", other=events["event"] != "page_view")
    sessions = one.groupby(["day", "visitorid", "session"]).agg(views=("views", "sum"), other=("other", "sum"))
    bounced = sessions[(sessions["views"] <= 1) & (sessions["other"] == 0)].groupby("day").size()
    found = days.groupby("day").agg(
        visitors=("visitorid", "size"),
        sessions=("sessions", "sum"),
        page_views=("views", "sum"),
        carters=("carts", lambda carts: (carts > 0).sum()),
        buyers=("orders", lambda orders: (orders > 0).sum()),
        orders=("orders", "sum"),
    )
    found["bounces"] = bounced.reindex(found.index, fill_value=0)
    return _rows(found.reset_index())


def funnel_daily(events):
    """Return visitors, viewers, carters, buyers and those who did the steps before, too."""
    days = visitor_days(events)
    viewed, carted, bought = days["views"] > 0, days["carts"] > 0, days["orders"] > 0
    one = days.assign(viewed=viewed, carted=carted, bought=bought, both=viewed & carted, all=viewed & carted & bought)
    found = one.groupby("day").agg(
        visitors=("visitorid", "size"), viewed=("viewed", "sum"), carted=("carted", "sum"), bought=("bought", "sum"),
        both=("both", "sum"), all=("all", "sum"),
    )  # fmt: skip
    return _rows(found.reset_index())


def funnel_category_daily(events, told, tree):
    """Return day, category, root, visitors, viewers, carters, buyers, views, carts and purchases."""
    known = pd.merge_asof(
        events.sort_values("day"), told.sort_values("day"), on="day", by="itemid", direction="backward"
    )
    known["category"] = known["category"].fillna(-1).astype("int64")
    counted = pd.get_dummies(known["event"]).astype(int).reindex(columns=list(NAMES.values()), fill_value=0)
    one = pd.concat([known[["day", "category", "visitorid"]], counted], axis=1)
    per = one.groupby(["day", "category", "visitorid"]).sum().reset_index()
    found = per.groupby(["day", "category"]).agg(
        visitors=("visitorid", "size"),
        viewers=("page_view", lambda count: (count > 0).sum()),
        carters=("add_to_cart", lambda count: (count > 0).sum()),
        buyers=("purchase", lambda count: (count > 0).sum()),
        views=("page_view", "sum"),
        carts=("add_to_cart", "sum"),
        purchases=("purchase", "sum"),
    )
    found = found.reset_index()
    roots = _roots(tree)
    found.insert(2, "root", [roots.get(category, -1) for category in found["category"]])
    return _rows(found)


def cohort_weekly(events):
    """Return cohort, week, visitors, buyers and visitors with an order that was not their first."""
    days = visitor_days(events)
    days["week"] = days["day"] - (days["day"] - 4) % 7
    cohort = days.groupby("visitorid")["week"].min().rename("cohort")
    weeks = days.groupby(["visitorid", "week"])["orders"].sum().reset_index().join(cohort, on="visitorid")
    earlier = weeks.sort_values("week").groupby("visitorid")["orders"].cumsum() - weeks["orders"]
    weeks["bought"] = weeks["orders"] > 0
    weeks["again"] = weeks["bought"] & ((earlier > 0) | (weeks["orders"] > 1))
    found = weeks.groupby(["cohort", "week"]).agg(
        visitors=("visitorid", "size"), bought=("bought", "sum"), again=("again", "sum")
    )
    return _rows(found.reset_index())


def crm_targets(events, rules):
    """Return day, rule, visitor and rank, by walking through the days one at a time."""
    days = visitor_days(events)
    found = []
    for today in sorted(days["day"].unique()):
        for rule in rules:
            window = days[(days["day"] > today - rule.days) & (days["day"] <= today)]
            sums = window.groupby("visitorid").agg(
                views=("views", "sum"), carts=("carts", "sum"), orders=("orders", "sum"), last=("day", "max")
            )
            kept = sums[
                sums["views"].between(rule.least_views, rule.most_views)
                & sums["carts"].between(rule.least_carts, rule.most_carts)
                & sums["orders"].between(rule.least_orders, rule.most_orders)
            ].reset_index()
            kept = kept.sort_values(["orders", "last", "views", "visitorid"], ascending=[False, False, False, True])
            found += [
                (int(today), rule.pk, int(who), place) for place, who in enumerate(kept["visitorid"][: rule.cap], 1)
            ]
    return sorted(found)


def user_stats(events):
    """Return visitor, orders, first and last day, days active, days since the last order, and segment."""
    days = visitor_days(events)
    latest = days["day"].max()
    ordered = days[days["orders"] > 0].groupby("visitorid")["day"].max().rename("last_order")
    found = days.groupby("visitorid").agg(
        orders=("orders", "sum"), first=("day", "min"), last=("day", "max"), active=("day", "size")
    )
    found = found.join(ordered)
    age = latest - found["last_order"]
    found["segment"] = np.select(
        [found["orders"] == 0, age > 60, age > 30, found["orders"] >= 5, found["orders"] >= 2],
        ["browser", "lost", "at_risk", "champion", "loyal"],
        "new",
    )
    found = found.drop(columns="last_order").reset_index()
    return _rows(found)


def _roots(tree):
    parents = dict(zip(tree["categoryid"], tree["parentid"], strict=True))

    def root(category):
        above = parents[category]
        return category if pd.isna(above) else root(int(above))

    return {int(category): int(root(category)) for category in parents}


def _rows(frame):
    return sorted(tuple(x.item() if hasattr(x, "item") else x for x in row) for row in frame.itertuples(index=False))
