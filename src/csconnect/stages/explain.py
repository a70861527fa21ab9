"""Everything there is to say about one account's score."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from csconnect.compute.danger import SAFE, Danger
from csconnect.compute.explain import Driver, because, changes, drivers_of, lift
from csconnect.compute.scorecard import Override, Scorecard
from csconnect.errors import DataError
from csconnect.stages.score import Judged
from csconnect.writeback.desired import AccountCard


@dataclass(frozen=True)
class Explanation:
    """One account: its score, the drivers that add up to it, how each moved, what would lift the band, and its terms."""

    account: AccountCard
    score: int | None
    band: str | None
    coverage: int
    drivers: list[Driver]
    moved: dict[str, int]
    """Signal -> change of its contribution in hundredths since ``Judged.then_on``; empty when there was no score then."""
    because: str
    lift: list[Driver]
    next_band: str | None
    terms: list[dict[str, Any]]
    level: int | None
    sources: list[str]
    """The records of all connections that make up this account."""
    card: Scorecard
    """The card that judges it."""
    overrides: list[Override]
    """The overrides that hold, the severest first."""
    danger: Danger
    free_band: str | None
    """The colour by the score's edges alone, before hysteresis, the size of the red band, and overrides."""


def explain(judged: Judged, name: str) -> Explanation:
    """Explain the account called ``name`` (its key, its id, or its name)."""
    card = find_account(judged, name)
    row = next(r for r in _rows(judged.computed.scores.accounts, card.id))
    drivers = drivers_of(_rows(judged.computed.scores.drivers, card.id))
    then = next(iter(_rows(judged.then.accounts, card.id)), None)
    moved = {}
    if row["score"] is not None and then is not None and then["score"] is not None:
        moved = changes(drivers, drivers_of(_rows(judged.then.drivers, card.id)))
    judge = judged.computed.cards.by_name[row["card"]]
    rules = judged.computed.overrides().get(card.id, [])
    bands = judge.bands
    goal = {"red": ("yellow", bands.yellow), "yellow": ("green", bands.green)}.get(row["band"] or "")
    levels = _rows(judged.computed.stickiness, card.id)
    links = judged.snapshot.connection.execute(
        "SELECT DISTINCT source_account_id FROM account_link WHERE account_id = ? ORDER BY 1", [card.id]
    ).fetchall()
    return Explanation(
        card,
        row["score"],
        row["band"],
        row["coverage"],
        drivers,
        moved,
        because(drivers, row["band"], judged.roster.words(card), rules),
        lift(drivers, row["score"], goal[1]) if goal else [],
        goal[0] if goal else None,
        _rows(judged.computed.terms, card.id),
        levels[0]["level"] if levels else None,
        [link[0] for link in links],
        judge,
        rules,
        judged.computed.dangers_of().get(card.id, SAFE),
        row["free_band"],
    )


def find_account(judged: Judged, name: str) -> AccountCard:
    """The one customer account that ``name`` means; `DataError` with the nearest ones otherwise."""
    cards = judged.roster.accounts
    if name in cards:
        return cards[name]
    wanted = name.casefold()
    found = [card for card in cards.values() if card.bare == name or card.name.casefold() == wanted]
    found = found or [card for card in cards.values() if wanted in card.name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(f"{card.name} ({card.id})" for card in sorted(found, key=lambda card: card.id)[:5])
        raise DataError(
            f"{name!r} means {len(found)} accounts", remedy=f"Name one by its key: {shown}", code="E-ACCOUNT"
        )
    near = difflib.get_close_matches(name, [card.name for card in cards.values()], 3)
    remedy = f"Did you mean {', '.join(near)}?" if near else "csconnect score lists the accounts that are scored"
    if not cards:
        remedy = "No account is a customer yet: csconnect pull reads them, customers: says which of them count"
    raise DataError(f"no customer account {name!r}", remedy=remedy, code="E-ACCOUNT")


def _rows(table: Any, account_id: str) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    return list(table.filter(pc.equal(table.column("account_id"), account_id)).to_pylist())
