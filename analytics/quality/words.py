"""The checks in the reader's language: what each is called, and what to do when it fails.

The action stands in the check's header, too, and a test says that both are the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LABELS: Mapping[str, str | Promise] = {
    "clock_skew": _("Events received much later than they happened"),
    "duplicate_events": _("Events sent twice under new ids"),
    "event_domain": _("Events that the catalogue does not know"),
    "freshness": _("Days that break off early"),
    "future_events": _("Events from the future"),
    "missing_keys": _("Events without unit or name"),
    "order_of_several_units": _("Orders of several units"),
    "purchase_integrity": _("Purchases without order or amount"),
    "refund_without_order": _("Refunds without their order"),
    "repeated_orders": _("Orders reported several times"),
    "schema_drift": _("Properties that are not declared"),
    "events_outside_usual_range": _("Unusual number of events"),
    "exposures_equal_units": _("Exposures and units of the marts differ"),
    "exposures_not_assigned": _("Exposures in another variant than assigned"),
    "lines_equal_raw_and_rejected": _("Lines of imported files are missing"),
    "loaded_equals_facts": _("Loaded events and facts differ"),
    "purchase_after_midnight": _("Cart before midnight, purchase after it"),
    "raw_equals_loaded": _("Received and loaded events differ"),
    "cohorts_out_of_range": _("Rates of cohorts above 1"),
    "kpis_differ_from_facts": _("KPIs and facts differ"),
    "rates_out_of_range": _("Rates outside 0 to 1"),
}
ACTIONS: Mapping[str, str | Promise] = {
    "cohorts_out_of_range": _("Build the cohort's weeks again. If it stays, do not use the cohorts."),
    "kpis_differ_from_facts": _("Build the day again."),
    "rates_out_of_range": _(
        "Build the day again. If it stays, the SQL of the KPIs is wrong: do not use the day's figures."
    ),
    "events_outside_usual_range": _("Look for an outage, a doubled sender or a campaign; a holiday explains it, too."),
    "exposures_equal_units": _("Build the day again; exposures that came while it was built are in then."),
    "exposures_not_assigned": _(
        "Find the program that assigns by itself. Do not decide on this run: its groups are no random ones."
    ),
    "lines_equal_raw_and_rejected": _(
        "Delete the dataset and import its files again: rows were changed by other hands than the importer's."
    ),
    "loaded_equals_facts": _("Build the day again; events that came while it was built are in then."),
    "purchase_after_midnight": _("Nothing to mend. Read the funnel of both days together when there are many."),
    "raw_equals_loaded": _(
        'Build the day again. If it stays, units lack their numbers: look at the stage "names" of the build.'
    ),
    "clock_skew": _("Ask the sender whether a batch was late; if not, set its clock."),
    "duplicate_events": _("Let the sender keep an event's id when it sends again."),
    "event_domain": _("Declare the event in the event catalogue, or mend what sends it; then run the check again."),
    "freshness": _("See whether the products still send; build the day again when its events are in."),
    "future_events": _("Set the sender's clock; its events are in the wrong days until they are sent again."),
    "missing_keys": _("Find the sender by the event's id, mend it, and send the events again with their units."),
    "order_of_several_units": _(
        "Find out which unit placed the order; two senders give the same numbers, or units are mixed up."
    ),
    "purchase_integrity": _(
        "Compare with the book of orders and mend what sends purchases; revenue is wrong until then."
    ),
    "refund_without_order": _("Send the missing purchase, or mend the order's number in what sends refunds."),
    "repeated_orders": _("Let the sender use one id for an order's event however often it is sent."),
    "schema_drift": _("Declare the property in a new version of the event, or mend what sends it."),
}
