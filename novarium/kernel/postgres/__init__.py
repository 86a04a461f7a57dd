"""Django's PostgreSQL backend, creating each table in the schema that settings name for it."""
