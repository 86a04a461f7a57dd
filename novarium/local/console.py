"""What the person at the terminal reads: steps with their seconds, and plain lines."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INDENT = "      "


def say(text: str = "") -> None:
    """Print a line at once; a terminal that has gone away is no reason to fail."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - stays open for the rest of the run


@contextmanager
def step(title: str, *, streams: bool = False) -> Iterator[None]:
    """Announce a step and, once it has succeeded, say how long it took.

    Args:
        title: What is being done.
        streams: Whether the step prints lines of its own in between.
    """
    started = time.monotonic()
    if not streams and sys.stdout.isatty():
        print(f"  · {title} …", end="\r", flush=True)
    elif streams:
        say(f"  · {title} …")
    try:
        yield
    except BaseException:
        say(f"  ✗ {title:<52}{time.monotonic() - started:6.1f} s")
        raise
    say(f"  ✓ {title:<52}{time.monotonic() - started:6.1f} s")
