"""The lean path: evaluation, SDK payload and event intake, answered beside Django's request cycle."""
