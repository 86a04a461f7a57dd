"""CSV that a spreadsheet shows and does not run, as all apps write it."""

from novarium.kernel.spreadsheet import cells

__all__ = ["cells"]
