"""The checks in the reader's language: what each is called, what it looks for, and what to do when it fails.

The last two stand in the check's header, too, and a test says that they are the same.
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
# What is looked for, as in the header; a description there goes over several lines.
DESCRIPTIONS: Mapping[str, str | Promise] = {
    "cohorts_out_of_range": _("Cells of cohorts with a retention or re-order rate above 1."),
    "kpis_differ_from_facts": _("Days whose daily metrics do not add up to their facts."),
    "rates_out_of_range": _("Days with a rate below 0 or above 1, or a negative count."),
    "events_outside_usual_range": _(
        "Days with far more or far fewer events than the same weekday had in the eight weeks before: beyond "
        "half the median, and beyond five times the spread (median of absolute deviations, scaled). Days with "
        "less than four to compare pass."
    ),
    "exposures_equal_units": _(
        "Runs whose units in the marts are not the exposures of the day. The day that goes on is left out: it "
        "grows while it is built."
    ),
    "exposures_not_assigned": _(
        "Exposures in a variant that the unit's bucket is not assigned to, in any phase of the run that had "
        "begun by then."
    ),
    "lines_equal_raw_and_rejected": _(
        "Imported logs whose lines are not all there, as raw rows, refused lines or headings. Asked in full "
        "builds only."
    ),
    "loaded_equals_facts": _(
        "Days whose facts are not the loaded events without their copies. The day that goes on is left out: "
        "it grows while it is built."
    ),
    "purchase_after_midnight": _(
        "Purchases whose cart was filled on the day before: legitimate, but the day's funnel has an order "
        "without its cart."
    ),
    "raw_equals_loaded": _(
        "Days that hold another number of events after loading than were received: events were lost on the "
        "way, or doubled. The day that goes on is left out: it grows while it is built."
    ),
    "clock_skew": _(
        "Events received more than a day after they happened, counted by hour: a clock that is wrong, or a late batch."
    ),
    "duplicate_events": _("Events that are alike in everything but their id: sent twice under new ids."),
    "event_domain": _("Events whose name the event catalogue does not know: nobody can say what they count as."),
    "freshness": _(
        "Days that are over, without any event in their last six hours: what sends events stopped, or is far behind."
    ),
    "future_events": _(
        "Events that say they happened after they were received, by more than five minutes; of imports, after now."
    ),
    "missing_keys": _("Events without a unit or a name: they belong to nobody."),
    "order_of_several_units": _("Numbers of orders under which several units bought: an order is one unit's."),
    "purchase_integrity": _(
        "Purchases without the number of their order, or without a sensible amount where the form tells amounts."
    ),
    "refund_without_order": _(
        "Refunds of orders that nobody placed. The simulated history, whose refunds follow its own orders, is "
        "left out. Counted for each refund by itself: refunds are few and the unit's purchases have an index."
    ),
    "repeated_orders": _(
        "Orders that one unit reported several times under ids of their own. They count as one order, their "
        "amounts twice."
    ),
    "schema_drift": _(
        "Properties that the event catalogue does not declare for their event, or of another type than it declares."
    ),
}
