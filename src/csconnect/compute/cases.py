"""Running the example cases that a card carries: whether it still says what its author meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from csconnect.compute.assign import Cards
from csconnect.compute.measure import measure
from csconnect.compute.score import score_measured
from csconnect.compute.scorecard import Case, Scorecard

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class CaseResult:
    """What came of one case; ``wrong`` are sentences, none when it passed."""

    case: str
    wrong: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.wrong


def run_cases(facts: duckdb.DuckDBPyConnection, card: Scorecard) -> list[CaseResult]:
    """Score every case of ``card`` in an empty database, and compare. Each case is an account with a CSM of its own, so that none
    competes with another for a place in the red band."""
    keys = [f"case:{number}" for number in range(len(card.cases))]
    facts.execute(
        """CREATE TABLE account (id VARCHAR, is_customer BOOLEAN, owner_id VARCHAR, parent_id VARCHAR, segment VARCHAR,
        stage VARCHAR, industry VARCHAR, region VARCHAR, country VARCHAR)"""
    )
    measure(facts, [], date(2000, 1, 1))
    for key, case in zip(keys, card.cases, strict=True):
        facts.execute("INSERT INTO account (id, is_customer, owner_id) VALUES (?, true, ?)", [key, key])
        for signal, value in case.given.items():
            if value is not None:
                facts.execute("INSERT INTO measured VALUES (?, ?, ?)", [key, signal, value])
    before = {key: str(case.before) for key, case in zip(keys, card.cases, strict=True) if case.before}
    scores = score_measured(facts, Cards(card), {}, before=before)
    accounts = {row["account_id"]: row for row in scores.accounts.to_pylist()}
    points: dict[str, dict[str, float | None]] = {key: {} for key in keys}
    for row in scores.drivers.to_pylist():
        earned = row["contribution"]
        points[row["account_id"]][row["signal"]] = None if earned is None else earned / 100
    rules: dict[str, list[str]] = {key: [] for key in keys}
    for row in scores.overrides.to_pylist():
        rules[row["account_id"]].append(row["name"])
    return [
        CaseResult(case.name, tuple(_wrong(case, accounts[key], points[key], rules[key])))
        for key, case in zip(keys, card.cases, strict=True)
    ]


def _wrong(case: Case, account: Mapping[str, Any], points: Mapping[str, float | None], rules: list[str]) -> list[str]:
    expect = case.expect
    pairs: list[tuple[str, object, object]] = []
    if expect.unscored:
        pairs.append(("score", None, account["score"]))
    for name in ("score", "band", "coverage"):
        wanted = getattr(expect, name)
        if wanted is not None:
            pairs.append((name, wanted, account[name]))
    pairs += [(f"points of {name}", wanted, points.get(name)) for name, wanted in expect.points.items()]
    if expect.overrides is not None:
        pairs.append(("overrides", sorted(expect.overrides), sorted(rules)))
    return [f"{what} is {_said(found)}, not {_said(wanted)}" for what, wanted, found in pairs if wanted != found]


def _said(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return "none" if value is None else str(value)
