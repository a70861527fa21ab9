"""One run at a time, and a dead process keeps no lock."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest
from sqlalchemy import update

from csconnect.errors import TransientError
from csconnect.ledger import Ledger
from csconnect.ledger.locks import FOREIGN_TTL
from csconnect.ledger.schema import locks


def test_a_lock_is_for_one_and_is_given_back(ledger):
    with ledger.lock("run"):
        with pytest.raises(TransientError, match=str(os.getpid())) as caught, ledger.lock("run"):
            pass
        assert caught.value.error_code == "E-LOCKED"
        with ledger.lock("other"):
            pass
    with ledger.lock("run"):
        pass


def test_a_lock_is_given_back_when_the_run_fails(ledger):
    with pytest.raises(ZeroDivisionError), ledger.lock("run"):
        _ = 1 / 0
    with ledger.lock("run"):
        pass


def edit(ledger, **values):
    with ledger._write() as connection:
        connection.execute(update(locks).values(values))


def test_the_lock_of_a_dead_process_is_taken_over_and_not_given_back_by_it(ledger):
    with ledger.lock("run"):
        dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
        edit(ledger, pid=int(dead.stdout))
        with ledger.lock("run"):
            pass
        with ledger.lock("run"), pytest.raises(TransientError), ledger.lock("run"):
            pass


def test_a_process_number_used_again_is_another_process(ledger):
    with ledger.lock("run"):
        edit(ledger, born="12345")
        with ledger.lock("run"):
            pass


def test_another_machines_lock_counts_until_it_is_very_old(ledger, clock):
    with ledger.lock("run"):
        edit(ledger, host="elsewhere")
        with pytest.raises(TransientError, match="elsewhere"), ledger.lock("run"):
            pass
        clock.turn(seconds=FOREIGN_TTL.total_seconds() + 1)
        with ledger.lock("run"):
            pass


def test_a_lock_can_be_broken_by_hand(ledger):
    assert not ledger.unlock("run")
    with ledger.lock("run"):
        assert ledger.unlock("run")
        with ledger.lock("run"):
            pass


def test_of_many_that_want_it_at_once_one_gets_it(tmp_path):
    path = tmp_path / "ledger.db"
    Ledger.open(path).close()
    gate, got, refused = threading.Barrier(6), [], []

    def work():
        with Ledger.open(path) as mine:
            gate.wait()
            try:
                with mine.lock("run"):
                    got.append(1)
                    gate.wait()
            except TransientError:
                refused.append(1)
                gate.wait()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 5)
