"""Everything one run computes about every account, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.assign import Cards
from csconnect.compute.danger import Danger, Dangers, find_dangers
from csconnect.compute.due import make_due
from csconnect.compute.expansion import NEEDS, ExpansionGate, expansions
from csconnect.compute.renewal_amount import with_amounts
from csconnect.compute.revenue import revenue
from csconnect.compute.score import Scores, measure_for, not_served, score_measured
from csconnect.compute.scorecard import Override, Scorecard
from csconnect.compute.signal import Signal
from csconnect.compute.stickiness import SteadyUse, stickiness
from csconnect.compute.terms import RenewalRules, term_states
from csconnect.model.enums import DangerLevel

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
    endangered: pa.Table | None = None
    """Accounts in danger; None where no dangers are in force."""
    dangers: Dangers | None = None
    expansions: pa.Table | None = None
    """Who may be asked to buy more; None where nobody asked."""

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

    def dangers_of(self) -> dict[str, Danger]:
        """Account -> its danger; accounts in none are left out."""
        if self.dangers is None or self.endangered is None:
            return {}
        return {
            row["account_id"]: Danger(
                DangerLevel(row["level"]), [self.dangers.cause(name) for name in row["causes"]], row["savable"]
            )
            for row in self.endangered.to_pylist()
        }


def compute(
    facts: duckdb.DuckDBPyConnection,
    cards: Cards | Scorecard,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    renewals: RenewalRules | None = None,
    steady: SteadyUse | None = None,
    before: Mapping[str, str] | None = None,
    dangers: Dangers | None = None,
    expanding: ExpansionGate | None = None,
) -> Computed:
    """Compute everything for ``as_of`` from the tables in ``facts``; ``before`` is the band that each account had.

    ``expanding`` asks for the expansions too."""
    rules = renewals or RenewalRules()
    cards = Cards(cards) if isinstance(cards, Scorecard) else cards
    # Once for cards and dangers together: most of the time of a run goes into measuring.
    also = [*(dangers.needs() if dangers else ()), *(NEEDS if expanding else ())]
    measure_for(facts, cards, signals, as_of, grace_days=rules.grace_days, also=also)
    gone = not_served(as_of, rules.grace_days)
    money = revenue(facts, as_of, rules)  # makes sold_line, from which cycles are made
    make_due(facts, as_of, rules)
    scores = score_measured(facts, cards, signals, before=before, not_served=gone)
    levels = stickiness(facts, as_of, steady)
    return Computed(
        as_of,
        cards,
        scores,
        levels,
        with_amounts(facts, term_states(facts, as_of, rules), rules),
        money,
        rules,
        find_dangers(facts, dangers, signals, not_served=gone) if dangers else None,
        dangers,
        expansions(facts, expanding, signals, levels, as_of, rules, not_served=gone) if expanding else None,
    )
