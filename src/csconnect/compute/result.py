"""Everything one run computes about every account, in one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.revenue import revenue
from csconnect.compute.score import Scores, score
from csconnect.compute.scorecard import Scorecard
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
    card: Scorecard
    scores: Scores
    stickiness: pa.Table
    terms: pa.Table
    revenue: pa.Table
    renewals: RenewalRules = field(default_factory=RenewalRules)


def compute(
    facts: duckdb.DuckDBPyConnection,
    card: Scorecard,
    signals: Mapping[str, Signal],
    as_of: date,
    *,
    renewals: RenewalRules | None = None,
    steady: SteadyUse | None = None,
) -> Computed:
    """Compute everything for ``as_of`` from the tables in ``facts``."""
    rules = renewals or RenewalRules()
    return Computed(
        as_of,
        card,
        score(facts, card, signals, as_of, grace_days=rules.grace_days),
        stickiness(facts, as_of, steady),
        term_states(facts, as_of, rules),
        revenue(facts, as_of),
        rules,
    )
