"""The demo without its demo data, which takes minutes: ``python -m tests.local.serve FOLDER PORT``."""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from novarium.local import supervisor as supervising
from novarium.local.console import say
from novarium.local.interrupt import Interrupted, unwind_on_signals
from novarium.local.spawn import Launch, run_to_end
from novarium.local.stack import hold
from novarium.local.state import REPOSITORY, State
from novarium.local.supervisor import Supervisor, start_processes


def main(folder: Path, port: int) -> None:
    """Run servers and processes until a signal comes."""
    unwind_on_signals()
    supervising.LONGEST_BACKOFF = float(os.environ.get("LONGEST_BACKOFF", supervising.LONGEST_BACKOFF))
    state = State(folder)
    try:
        with hold(state), ExitStack() as cleanup:
            supervisor = Supervisor(state)
            supervisor.start_servers(port, cleanup)
            for command in (["provision"], ["collectstatic", "--noinput"]):
                manage = [sys.executable, "manage.py", *command, "--verbosity=0"]
                run_to_end(Launch(name=command[0], command=manage, env=supervisor.env, cwd=REPOSITORY))
            start_processes(supervisor, port)
            say("serving")
            supervisor.watch()
    except Interrupted:
        say("stopped")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
