"""What the shop sells, held in process memory; ``data`` is what an installation starts with."""
