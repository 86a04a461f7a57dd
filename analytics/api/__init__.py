"""Results and the archive for programs."""
