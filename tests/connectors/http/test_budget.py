"""Never more than the rate in any window, never into the reserve."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csconnect.connectors.http import Budget, Quota
from csconnect.connectors.protocols import Context
from csconnect.errors import QuotaReservedError


def most_in_a_window(times: list[float], interval: float) -> int:
    # A hair narrower than the window: the sums of floats must not decide.
    return max(sum(1 for other in times if start <= other < start + interval - 1e-6) for start in times)


@given(
    rate=st.integers(1, 6),
    interval=st.sampled_from([0.5, 1.0, 10.0]),
    pauses=st.lists(st.floats(0, 12), min_size=1, max_size=40),
)
@settings(max_examples=80, deadline=None)
def test_no_window_ever_holds_more_than_the_rate(clock_class, rate, interval, pauses):
    clock = clock_class()
    budget = Budget(rate, interval, Context("crm", now=clock.now, sleep=clock.sleep))
    times = []
    for pause in pauses:
        clock.at += timedelta(seconds=pause)
        budget.take()
        times.append(clock.at.timestamp())
    assert most_in_a_window(times, interval) <= rate


def test_threads_share_the_rate(clock):
    slept = []
    lock = threading.Lock()

    def sleep(seconds):
        with lock:
            slept.append(seconds)

    budget = Budget(5, 10.0, Context("crm", now=clock.now, sleep=sleep))
    threads = [threading.Thread(target=budget.take) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The clock stands still: five go at once, the others book the next three windows.
    assert sorted(slept) == [10.0] * 5 + [20.0] * 5 + [30.0] * 5


def test_only_a_share_of_the_limit_is_used(context, clock):
    budget = Budget(100, 10.0, context, share=0.95)
    for _ in range(95):
        budget.take()
    assert clock.slept == []
    budget.take()
    assert clock.slept == [10.0]


def test_calls_of_others_on_the_same_credentials_count(context, clock):
    budget = Budget(10, 10.0, context)
    budget.take()
    budget.learn(limit=10, remaining=1)
    budget.take()
    assert clock.slept == []
    budget.take()
    assert clock.slept == [10.0]


def test_a_smaller_limit_is_obeyed_from_the_next_call_on(context, clock):
    budget = Budget(10, 10.0, context)
    for _ in range(3):
        budget.take()
    budget.learn(limit=3, interval=5.0)
    budget.take()
    assert clock.slept == [5.0]


@given(
    limit=st.integers(1, 5000),
    used=st.integers(0, 5000),
    reserve=st.floats(0, 0.9),
    calls=st.lists(st.integers(1, 50), max_size=60),
)
def test_the_reserve_is_never_spent(limit, used, reserve, calls):
    quota = Quota(reserve=reserve)
    quota.learn(limit=limit, used=used)
    spent = 0
    for number in calls:
        left = quota.left()
        try:
            quota.spend(number)
        except QuotaReservedError:
            assert left is not None
            assert number > left
        else:
            spent += number
    assert spent == 0 or used + spent <= limit * (1 - reserve)


def test_nothing_is_refused_before_the_system_has_told_and_a_new_day_is_noticed():
    quota = Quota(reserve=0.2)
    quota.spend(1000)
    assert quota.left() is None
    quota.learn(limit=1000, used=790)
    quota.spend(10)
    with pytest.raises(QuotaReservedError, match="kept for people"):
        quota.spend()
    quota.learn(limit=1000, used=3)
    assert quota.left() == 797


def test_an_answer_that_arrives_late_does_not_give_calls_back():
    quota = Quota(reserve=0.0)
    quota.learn(limit=1000, used=100)
    quota.spend(20)
    quota.learn(limit=1000, used=101)
    assert quota.left() == 880
