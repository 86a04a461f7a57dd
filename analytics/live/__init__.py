"""Numbers that follow the events: one reader keeps windows and moments up to date at the cost of what is new.

Each row of events and exposures carries the transaction that stored it. The reader (``step``) takes those of all
transactions that ended since its last step, so that it follows the order of commits and passes over nobody who is slow,
and changes windows, totals and moments in one transaction with its checkpoint: whatever is killed, nothing is lost and
nothing counts twice.
"""
