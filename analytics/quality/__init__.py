"""Quality gates: checks in SQL that return offending rows, what they hold, and who is told."""
