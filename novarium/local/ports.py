"""Finds free loopback ports and says when a wanted one is taken."""

import socket

from novarium.local.problem import SetupProblemError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def require_free(port: int) -> None:
    """Refuse a port that cannot be listened on.

    Raises:
        SetupProblemError: The port is taken, or ordinary users may not have it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError as error:
            raise SetupProblemError(
                f"Port {port} is for root only; choose one above 1023: make demo PORT=8000."
            ) from error
        except OSError as error:
            raise SetupProblemError(
                f"Port {port} is taken by another program; stop that, or choose another: make demo PORT={port + 1}."
            ) from error
