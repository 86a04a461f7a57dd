"""A small HTTP client that keeps connections busy: ``python -m bench.load`` prints rate and waits as JSON.

A process of its own over raw sockets, so that what it costs is little and the same for every server.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class Caller:
    """One connection with a request under way."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def is_answered(self) -> bool:
        """Read what is there; return whether the whole answer is."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise SystemExit("The server closed a connection.")
        self.received += piece
        head, found, body = bytes(self.received).partition(b"\r\n\r\n")
        if not found:
            return False
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if len(body) < int(length.partition(b":")[2]):
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"Not answered: {bytes(self.received)[:300]!r}")
        self.received.clear()
        return True


def measure(*, port: int, path: str, key: str, clients: int, seconds: float) -> dict[str, float]:
    """Return requests a second and the median and 99th percentile of the waits in milliseconds."""
    selector = selectors.DefaultSelector()
    for _client in range(clients):
        caller = Caller(socket.create_connection(("127.0.0.1", port)))
        caller.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(caller.socket, selectors.EVENT_READ, caller)
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
    head += "content-type: application/json\r\ncontent-length: "
    number, waits = 0, []

    def send(caller: Caller) -> None:
        nonlocal number
        number += 1
        body = b'{"context":{"targetingKey":"user-%d","plan":"pro"}}' % number
        caller.sent_at = time.perf_counter()
        caller.socket.sendall(head.encode() + b"%d\r\n\r\n" % len(body) + body)

    for selected in selector.get_map().values():
        send(selected.data)
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        for selected, _events in selector.select(1.0):
            if selected.data.is_answered():
                waits.append(time.perf_counter() - selected.data.sent_at)
                send(selected.data)
    took = time.perf_counter() - began
    waits.sort()
    return {
        "rate": len(waits) / took,
        "count": len(waits),
        "p50": waits[len(waits) // 2] * 1000,
        "p99": waits[int(len(waits) * 0.99)] * 1000,
    }


if __name__ == "__main__":
    port_, path_, key_, clients_, seconds_ = sys.argv[1:]
    found = measure(port=int(port_), path=path_, key=key_, clients=int(clients_), seconds=float(seconds_))
    sys.stdout.write(json.dumps(found))
