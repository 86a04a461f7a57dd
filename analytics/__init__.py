"""Marts, quality gates, statistics, results, decisions and the archive."""
