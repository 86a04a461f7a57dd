"""What people say about an experiment, and who is told."""
