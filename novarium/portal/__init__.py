"""Accounts, teams, roles, API tokens, the audit log, notifications and the overview page."""
