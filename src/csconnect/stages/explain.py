"""Everything there is to say about one account's score."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any

from csconnect.compute.change import Change, split
from csconnect.compute.danger import SAFE, Danger
from csconnect.compute.explain import Driver, because, drivers_of
from csconnect.compute.lift import Lift, lift
from csconnect.compute.score import Scores
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
    since: Since | None
    """How it moved since ``Judged.then_on``; None when there was no score then, or is none now."""
    because: str
    lift: Lift | None
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

    @property
    def moved(self) -> dict[str, int]:
        """Signal -> change of its contribution in hundredths; empty when there was no score then."""
        return {name: part.total for name, part in self.since.change.signals.items()} if self.since else {}


@dataclass(frozen=True)
class Since:
    """The change of a score, and what it was then.

    ``apart`` says that ``change`` tells what customers did from what we changed: there is nothing to tell apart when the same judgement
    was in force on both days, and no way to when the account would have no score today as it was judged then.
    """

    score: int | float
    card: str
    """Name of the card that judged it then."""
    change: Change
    reconfigured: bool
    apart: bool


def explain(judged: Judged, name: str) -> Explanation:
    """Explain the account called ``name`` (its key, its id, or its name)."""
    card = find_account(judged, name)
    computed = judged.computed
    row = next(r for r in _rows(computed.scores.accounts, card.id))
    drivers = drivers_of(_rows(computed.scores.drivers, card.id))
    judge = computed.cards.by_name[row["card"]]
    rules = computed.overrides().get(card.id, [])
    levels = _rows(computed.stickiness, card.id)
    links = judged.snapshot.connection.execute(
        "SELECT DISTINCT source_account_id FROM account_link WHERE account_id = ? ORDER BY 1", [card.id]
    ).fetchall()
    return Explanation(
        account=card,
        score=row["score"],
        band=row["band"],
        coverage=row["coverage"],
        drivers=drivers,
        since=_since(judged, card.id, drivers) if row["score"] is not None else None,
        because=because(drivers, row["band"], judged.roster.words(card), rules),
        lift=lift(judge, drivers, row["score"], row["band"], rules, judged.decimals),
        terms=_rows(computed.terms, card.id),
        level=levels[0]["level"] if levels else None,
        sources=[link[0] for link in links],
        card=judge,
        overrides=rules,
        danger=computed.dangers_of().get(card.id, SAFE),
        free_band=row["free_band"],
    )


def _since(judged: Judged, account: str, now: list[Driver]) -> Since | None:
    then = _scored(judged.then, account)
    if then is None:
        return None
    old = judged.under_old
    between = _scored(old, account) if old else then
    before = drivers_of(_rows(judged.then.drivers, account))
    under_old = drivers_of(_rows(old.drivers, account)) if old and between else now
    return Since(then["score"], then["card"], split(before, under_old, now), old is not None, bool(old and between))


def _scored(scores: Scores, account: str) -> dict[str, Any] | None:
    """The account's row, if it has a score."""
    return next((row for row in _rows(scores.accounts, account) if row["score"] is not None), None)


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
