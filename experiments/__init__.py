"""Features and experiments: design, lifecycle, assignment, evaluation and event intake."""
