"""The live monitor: how running experiments stand, and how far the numbers can be trusted."""
