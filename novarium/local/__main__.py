"""Sets up and runs NovaRium on one machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from novarium.local import commands, supervisor, verify
from novarium.local.interrupt import Interrupted
from novarium.local.problem import SetupProblemError
from novarium.local.state import default_folder

HIGHEST_PORT = 65535


def port(text: str) -> int:
    """Return a port number.

    Raises:
        argparse.ArgumentTypeError: The text is not one.
    """
    if not text.isdigit() or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"PORT must be a number up to {HIGHEST_PORT}, not {text!r}")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    root = argparse.ArgumentParser(prog="python -m novarium.local", description=__doc__)
    actions = root.add_subparsers(dest="action", required=True)
    demo = actions.add_parser("demo", help="set up and run everything")
    demo.add_argument("--port", type=port, default=8000, help="0 takes any free one")
    actions.add_parser("reset", help="remove the demo's state")
    actions.add_parser("test", help="run every check and the fast tests")
    actions.add_parser("test-slow", help="run the slow tests")
    actions.add_parser("bench", help="run the benchmarks")
    actions.add_parser("lock", help="resolve the dependencies anew")
    manage = actions.add_parser("manage", help="run manage.py in the running demo")
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    run = actions.add_parser("run", help="run a command on throw-away servers")
    run.add_argument("--state", type=Path, help="keep the servers' data in this folder")
    run.add_argument("--no-migrate", action="store_true", help="leave the database empty")
    run.add_argument("command", nargs="+", help="the command, after --")
    return root


def bench() -> int:
    """Run the benchmarks on throw-away servers with an up-to-date, empty database."""
    return commands.run([sys.executable, "-m", "bench"], folder=None, prepare=True)


def perform(arguments: argparse.Namespace) -> int:
    """Run the action that was asked for and return its exit code."""
    actions: dict[str, Callable[[], int]] = {
        "demo": lambda: supervisor.demo(folder=default_folder(), port=arguments.port),
        "reset": lambda: commands.reset(default_folder()),
        "test": lambda: verify.verify(marked="not slow"),
        "test-slow": lambda: verify.verify(marked="slow", checks=()),
        "bench": bench,
        "lock": commands.lock,
        "manage": lambda: commands.manage(default_folder(), arguments.arguments),
        "run": lambda: commands.run(arguments.command, folder=arguments.state, prepare=not arguments.no_migrate),
    }
    return actions[arguments.action]()


def main(argv: Sequence[str]) -> int:
    """Run one action; a problem is told in words, without a traceback."""
    try:
        return perform(parser().parse_args(argv))
    except SetupProblemError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        return interrupted.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
