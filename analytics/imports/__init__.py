"""Imported logs: read in blocks, checked, and kept as received; see docs/importing.md."""
