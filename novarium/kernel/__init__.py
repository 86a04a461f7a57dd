"""What every app builds on and nothing of ours is imported by: errors, environment, SQL files, fragments."""
