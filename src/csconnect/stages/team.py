"""How CSMs work with their customers: reach, what they found, what was consumed of what was sold; writes nothing."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from csconnect.compute.consumption import consumed
from csconnect.compute.exchange import make_exchange
from csconnect.compute.origin import csm_expansion_shares
from csconnect.compute.period import Period
from csconnect.compute.reach import reach_rates
from csconnect.compute.score import not_served
from csconnect.compute.sold import make_sold
from csconnect.stages.owner import owner_names
from csconnect.stages.score import snapshot
from csconnect.stages.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Team:
    """Each table has a row for ``all`` and one for each CSM (``value`` is the owner's key, or ``unknown``); see the module of each for
    its columns. ``names`` are those of the owners. ``currency`` None: each currency for itself."""

    as_of: date
    period: Period
    currency: str | None
    reach: pa.Table
    expansion: pa.Table
    consumption: pa.Table
    names: dict[str, str]


def team(workspace: Workspace, period: Period, as_of: date, currency: str | None = None) -> Team:
    """Reach on ``as_of``, expansions won in ``period``, consumption of the last full month, by CSM."""
    config, by = workspace.config, ("csm",)
    workspace.note("reading orders")
    with closing(snapshot(workspace, as_of)) as lake:
        facts, rules = lake.connection, config.renewals.rules()
        make_sold(facts, as_of, rules)
        if currency:
            make_exchange(facts, currency, max_age_days=config.retention.rate_max_age_days)
        gone = not_served(as_of, rules.grace_days)
        held = workspace.library.rollups["held_touchpoint"]
        cycles = {str(tier): days for tier, days in config.retention.contact_days.items()}
        return Team(
            as_of,
            period,
            currency,
            reach_rates(facts, as_of, cycles, held, by, not_served=gone, rules=rules),
            csm_expansion_shares(facts, period, by, currency=currency),
            consumed(facts, as_of, by, currency=currency),
            owner_names(facts),
        )
