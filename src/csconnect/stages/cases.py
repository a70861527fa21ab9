"""Run the example cases of scorecards, each card in an empty database of its own."""

from __future__ import annotations

from collections.abc import Iterable

from csconnect.compute.cases import CaseResult, run_cases
from csconnect.compute.scorecard import Scorecard


def test_cards(cards: Iterable[Scorecard]) -> list[tuple[Scorecard, list[CaseResult]]]:
    """Every card with what came of its cases."""
    import duckdb

    results = []
    for card in cards:
        with duckdb.connect() as facts:
            results.append((card, run_cases(facts, card) if card.cases else []))
    return results
