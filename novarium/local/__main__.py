"""Command line of the set-up: ``python -m novarium.local``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from novarium.local import commands
from novarium.local.problem import SetupProblemError


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    root = argparse.ArgumentParser(prog="python -m novarium.local", description=__doc__)
    actions = root.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="run a command on throw-away servers")
    run.add_argument("--state", type=Path, help="keep the servers' data in this folder")
    run.add_argument("--no-migrate", action="store_true", help="leave the database empty")
    run.add_argument("command", nargs="+", help="the command, after --")
    return root


def main() -> int:
    """Run one action; a problem is told in one sentence."""
    arguments = parser().parse_args()
    try:
        return commands.run(
            arguments.command, folder=arguments.state, prepare=not arguments.no_migrate
        )
    except SetupProblemError as problem:
        print(f"✗ {problem}", file=sys.stderr)
        return 1
    except commands.Interrupted as interrupted:
        return interrupted.exit_code


if __name__ == "__main__":
    sys.exit(main())
