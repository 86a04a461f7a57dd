"""A build waits for what works beside another one of its dataset, and for nothing else."""

import threading

import pytest
from django.db import connection

from analytics.marts.connections import beside_build_of, only_build_of

pytestmark = pytest.mark.django_db

SHORT, LONG = 0.3, 20  # seconds


def in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def enter_as_soon_as_possible(dataset_id, entered):
    with only_build_of(dataset_id):
        entered.set()
    connection.close()


@pytest.mark.parametrize(("beside", "waits"), [(7, True), (8, False)])
def test_a_build_waits_for_what_an_earlier_one_has_left_running(db, beside, waits):
    begun, over, entered = threading.Event(), threading.Event(), threading.Event()

    def left_running():
        with beside_build_of(beside):
            begun.set()
            over.wait(LONG)

    left = in_thread(left_running)
    assert begun.wait(LONG)
    build = in_thread(lambda: enter_as_soon_as_possible(7, entered))
    assert entered.wait(SHORT if waits else LONG) != waits
    over.set()
    assert entered.wait(LONG)
    left.join()
    build.join()


def test_two_builds_of_a_dataset_take_turns(db):
    begun, over, entered = threading.Event(), threading.Event(), threading.Event()

    def first():
        with only_build_of(7):
            begun.set()
            over.wait(LONG)
        connection.close()

    builds = [in_thread(first)]
    assert begun.wait(LONG)
    builds.append(in_thread(lambda: enter_as_soon_as_possible(7, entered)))
    assert not entered.wait(SHORT)
    over.set()
    assert entered.wait(LONG)
    for build in builds:
        build.join()
