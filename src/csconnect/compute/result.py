"""Everything one run computes about every account, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards
from csconnect.compute.revenue import revenue
from csconnect.compute.score import Scores, score
from csconnect.compute.scorecard import Override, Scorecard
from csconnect.compute.signal import Signal
from csconnect.compute.stickiness import SteadyUse, stickiness
from csconnect.compute.terms import RenewalRules, term_states

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class Computed:
    """Tables keyed by ``account_id`` (home account); see the module of each for its columns."""

    as_of: date
    cards: Cards
    scores: Scores
    stickiness: pa.Table
    terms: pa.Table
    revenue: pa.Table
    renewals: RenewalRules = field(default_factory=RenewalRules)

    def overrides(self) -> dict[str, list[Override]]:
        """Account -> the overrides that hold, the severest first; accounts without any are left out."""
        by_name = self.cards.by_name
        card_of = dict(
            zip(*(self.scores.accounts.column(name).to_pylist() for name in ("account_id", "card")), strict=True)
        )
        found: dict[str, list[Override]] = {}
        for row in self.scores.overrides.to_pylist():
            account = row["account_id"]
            found.setdefault(account, []).append(by_name[card_of[account]].override(row["name"]))
        return found


def compute(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards | Scorecard,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    renewals: RenewalRules | None = None,
    steady: SteadyUse | None = None,
    before: Mapping[str, str] | None = None,
) -> Computed:
    """Compute everything for ``as_of`` from the tables in ``facts``; ``before`` is the band that each account had."""
    rules = renewals or RenewalRules()
    cards = Cards(cards) if isinstance(cards, Scorecard) else cards
    return Computed(
        as_of,
        cards,
        score(facts, cards, signals, as_of, grace_days=rules.grace_days, before=before),
        stickiness(facts, as_of, steady),
        term_states(facts, as_of, rules),
        revenue(facts, as_of),
        rules,
    )
