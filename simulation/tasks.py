"""What the workers do: visit the shop in batches, take over what was left, and keep the background traffic going."""

from __future__ import annotations

from celery import shared_task

from simulation.swarm import reading, runs, traffic, work
from simulation.swarm.browser import ShopError


@shared_task(
    name="simulation.visit_batch",
    autoretry_for=(work.ShopClosedError,),
    retry_backoff=2,
    retry_backoff_max=30,
    max_retries=5,
)
def visit_batch(batch_id: int) -> int:
    """Send a batch's visitors; return how many of them have been to the shop, 0 where it was not ours to do."""
    count = work.run_batch(batch_id)
    return count.visits if count else 0


@shared_task(name="simulation.take_over_stalled_batches")
def take_over_stalled_batches() -> int:
    """Queue again what dead workers left behind; a batch queued twice is worked on once."""
    batches = runs.stalled()
    for batch_id in batches:
        visit_batch.delay(batch_id)
    return len(batches)


@shared_task(name="simulation.send_background_traffic")
def send_background_traffic() -> int:
    """Send the next few people of the background traffic."""
    run = traffic.next_run()
    if run is None:
        return 0
    for batch_id in run.batches.values_list("pk", flat=True):
        visit_batch.delay(batch_id)
    return run.visitors


def queue(run_id: int) -> None:
    """Queue a run's batches."""
    for batch_id in runs.batches_of(run_id):
        visit_batch.delay(batch_id)


@shared_task(name="simulation.read_catalogue", autoretry_for=(ShopError,), retry_backoff=5, max_retries=3)
def read_catalogue() -> int:
    """Read what the shop offers now; return how many restaurants can be ordered from."""
    open_shop = work.shop(threads=1)
    try:
        return len(reading.refresh(reading.over_http(open_shop)).menus)
    finally:
        open_shop.close()
