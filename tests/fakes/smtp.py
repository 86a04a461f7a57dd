"""A small mail server: speaks enough SMTP to take messages, and keeps them; it can refuse, or fall silent."""

from __future__ import annotations

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on a port of its own; ``received`` are the messages, ``refusal`` answers every recipient."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusal = ""
        self.silent = threading.Event()  # set: takes a message's text, and never answers
        self.reached = threading.Event()  # somebody has sent a message's text

    @property
    def port(self) -> int:
        return self.server_address[1]

    def __enter__(self) -> MailServer:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        recipients: list[str] = []
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].split()[0].upper()
            if verb == "QUIT":
                return self._say("221 bye")
            if verb == "RCPT":
                recipients.append(line.split(":", 1)[1].strip(" <>"))
                self._say(self.server.refusal or "250 ok")
            elif verb == "DATA":
                self._say("354 go on")
                self._take(recipients)
                recipients = []
            else:
                self._say("250 ok")
        return None

    def _take(self, recipients: list[str]) -> None:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.reached.set()
        if self.server.silent.is_set():
            self.rfile.read()  # until the other side is gone
            return
        self.server.received.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.server.recipients.append(recipients)
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
