"""Several people doing the same thing at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from django.db import connection

from novarium.kernel.errors import DomainError


def race(*attempts: Callable[[], object]) -> Counter[str]:
    """Run all at once, each on its own connection; count ``done`` and the names of the refusals."""
    start, outcomes = threading.Barrier(len(attempts)), []

    def run(attempt):
        start.wait()
        try:
            attempt()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[attempt]) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)
