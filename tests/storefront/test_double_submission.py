"""The same form sent at the same moment by two connections of the shop's own role."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.http import HttpResponse

from storefront.models import Order, OrderLine, Refund

AT_ONCE = 4


def at_once(send: Callable[[], HttpResponse]) -> list[HttpResponse]:
    """Send the same request from several threads at the same moment."""
    barrier = Barrier(AT_ONCE)

    def go(_number: int) -> HttpResponse:
        barrier.wait(timeout=20)
        try:
            return send()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(go, range(AT_ONCE)))


@pytest.mark.django_db(transaction=True)
def test_a_cart_sent_several_times_at_once_is_one_order(transactional_db, visitor, copy_of):
    visitor.add("hangang-kitchen-01", 2)
    answers = at_once(lambda: copy_of(visitor).post("checkout/"))
    assert {answer.status_code for answer in answers} == {302}
    assert {answer["Location"] for answer in answers} == {f"/shop/orders/{Order.objects.get().number}/"}
    assert OrderLine.objects.count() == 1
    assert len(visitor.events("purchase")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_refund_asked_several_times_at_once_is_paid_once(transactional_db, visitor, copy_of):
    path = visitor.order()
    answers = at_once(lambda: copy_of(visitor).post(f"{path}refund/", {"reason": "late"}))
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    assert Refund.objects.count() == 1
    assert len(visitor.events("refund")) == 1
