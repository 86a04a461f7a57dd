"""What an installation starts with: the shop's features, the metrics, and the known events."""
