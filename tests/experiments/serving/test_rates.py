"""A key's calls a minute: a burst passes, a flood does not, and each worker grants its share."""

from experiments.serving.rates import Rates


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def passed(rates: Rates, grant: str, per_minute: int, calls: int) -> int:
    return sum(rates.wait(grant, per_minute) == 0 for _call in range(calls))


def test_ten_seconds_worth_pass_at_once_and_then_the_rate():
    clock = Clock()
    rates = Rates(workers=1, clock=clock)
    assert passed(rates, "a", 600, 500) == 100
    assert rates.wait("a", 600) == 1
    clock.now = 5.0
    assert passed(rates, "a", 600, 500) == 50
    clock.now = 500.0
    assert passed(rates, "a", 600, 500) == 100


def test_each_worker_grants_its_share_and_each_key_has_its_own():
    rates = Rates(workers=2, clock=Clock())
    assert passed(rates, "a", 600, 500) == 50
    assert passed(rates, "b", 600, 500) == 50


def test_slow_key_is_told_how_many_seconds_to_wait():
    rates = Rates(workers=1, clock=Clock())
    assert [rates.wait("a", 2), rates.wait("a", 2)] == [0, 30]
