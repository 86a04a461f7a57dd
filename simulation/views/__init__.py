"""The simulator's pages and fragments."""
