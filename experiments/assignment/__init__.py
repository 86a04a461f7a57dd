"""Which value a unit gets: bucketing, conditions, and the definitions that serving keeps in memory."""
