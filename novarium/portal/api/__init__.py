"""The audit log and connections for programs."""
