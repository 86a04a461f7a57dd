"""The marts: SQL files in dbt's shape, a small runner for them, and their schedule."""
