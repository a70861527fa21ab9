"""Emulators for the benches: one of each system for a whole module, since the kit minds only its own records."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import csconnect_hubspot.reading
from csconnect_emulator.salesforce.soql import query
from csconnect_emulator.testing import RunningEmulator, launch


@pytest.fixture(scope="module")
def salesforce_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Answers queries in pages of ten records."""
    with (
        pytest.MonkeyPatch.context() as patch,
        launch(tmp_path_factory.mktemp("salesforce"), systems=("salesforce",)) as emulator,
    ):
        whole = query.Cursor
        patch.setattr(query, "Cursor", lambda *given: whole(*given[:4], size=10))
        yield emulator
    emulator.store.close()


@pytest.fixture(scope="module")
def hubspot_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Is asked for pages of ten records; searches see new records at once, and no rate is so low that tests must wait."""
    with (
        pytest.MonkeyPatch.context() as patch,
        launch(tmp_path_factory.mktemp("hubspot"), systems=("hubspot",), tls=frozenset()) as emulator,
    ):
        for name in ("LIST_PAGE", "SEARCH_PAGE"):
            patch.setattr(csconnect_hubspot.reading, name, 10)
        wide = {"ten_seconds": 1_000_000, "searches_a_second": 1_000_000, "search_lag_ms": 0, "max": 10_000_000}
        emulator.state.limits["hubspot"].update(wide)
        yield emulator
    emulator.store.close()
