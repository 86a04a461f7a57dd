"""The metric catalogue: definitions with their versions, their rules, and how they are put into words."""
