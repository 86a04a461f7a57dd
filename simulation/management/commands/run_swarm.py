"""Send people to the shop for an experiment."""

from __future__ import annotations

import secrets
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.public import get_experiment
from novarium.kernel.errors import DomainError
from simulation import tasks
from simulation.models import SwarmRun
from simulation.overview import progress
from simulation.personas import DEFAULT_MIX, BadMixError, shares
from simulation.swarm import runs, work


def mix(text: str) -> dict[str, float]:
    """Read a mix such as ``mission=30,cautious=70``."""
    try:
        parts = (part.partition("=") for part in text.split(","))
        read = {key.strip(): float(share) for key, _, share in parts}
        shares(read)
    except BadMixError as error:
        raise ArgumentTypeError(str(error)) from error
    except ValueError as error:
        raise ArgumentTypeError(f"write a mix such as mission=30,cautious=70, not {text!r}") from error
    return read


class Command(BaseCommand):
    """Send people in this process, or by the workers with --async; both can be taken up again."""

    help = "Send people to the shop over HTTP for a running experiment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("experiment_key")
        parser.add_argument("--visitors", type=int, required=True, help="how many; exactly so many come")
        parser.add_argument("--seed", type=int, help="the same seed sends the same people (default: new ones)")
        parser.add_argument("--mix", type=mix, default=DEFAULT_MIX, help="shares in per cent: mission=30,cautious=70")
        parser.add_argument("--async", action="store_true", dest="by_workers", help="let the workers do it")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._request(options)
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["by_workers"]:
            tasks.queue(run.pk)
            self.stdout.write(f"The workers send {run.visitors:,} people (run {run.pk}, seed {run.seed}).")
        else:
            self._work(run)

    def _request(self, options: dict[str, Any]) -> SwarmRun:
        experiment = get_experiment(options["experiment_key"])
        if experiment.status != "running":
            raise CommandError(f"The experiment {experiment.key} is not running; launch it first.")
        return runs.request(
            visitors=options["visitors"],
            seed=secrets.randbits(48) if options["seed"] is None else options["seed"],
            mix=options["mix"],
            actor=None,
            target=runs.Target(experiment.key, experiment.run_number, experiment.team_id),
        )

    def _work(self, run: SwarmRun) -> None:
        started = time.monotonic()
        for batch_id in runs.batches_of(run.pk):
            try:
                work.run_batch(batch_id)
            except work.ShopClosedError as error:
                raise CommandError(f"{error} Start the web server; the workers take up what is left.") from error
            run.refresh_from_db()
            state = progress(run)
            self.stdout.write(f"{run.visits:,} of {run.visitors:,} visits, {run.orders:,} orders  {state.words}")
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{run.visits:,} visits in {seconds:.1f} s ({run.visits / seconds:.0f} a second), "
            f"{run.orders:,} orders, {run.errors:,} errors (seed {run.seed})."
        )
