"""The known truth: for each term what became of it, why, and since when the cause was at work."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from csconnect_emulator.generator.keys import home

if TYPE_CHECKING:
    from csconnect_emulator.generator.customer import Customer
    from csconnect_emulator.generator.world import World


@dataclass(frozen=True)
class TermTruth:
    """One term of one product line. ``account_id`` and ``term_id`` are bare ids of the account's home system.

    ``outcome`` is what can be known on the world's ``as_of``: renewed, deferred (renewed after the end), churned,
    won_back, or open. ``fate`` is what it will be in the end, for open terms too. ``cause`` is a name from
    `csconnect_emulator.generator.causes.Causes`, ``chance`` for a loss without cause, or empty; it is also set on terms
    that a cause befell and that were renewed all the same. ``onset`` is the day on which the cause set in, null without one.
    ``settled_on`` is the day on which ``fate`` shows.
    """

    system: str
    account_id: str
    match_key: str
    account_number: int
    term_id: str
    product_line: str
    start: date
    end: date
    outcome: str
    fate: str
    cause: str
    onset: date | None
    settled_on: date


def truths_of(customer: Customer, as_of: date) -> Iterator[TermTruth]:
    """The truth about every signed term of an account."""
    profile = customer.profile
    object_id = home(profile.system, "Account", profile.n)
    for fate in customer.life.fates:
        yield TermTruth(
            system=profile.system,
            account_id=object_id,
            match_key=profile.key or "",
            account_number=profile.n,
            term_id=home(profile.system, "Order", profile.n, fate.term),
            product_line=fate.line,
            start=fate.start,
            end=fate.end,
            outcome=_known(fate.fate, fate.end, fate.settled_on, as_of),
            fate=fate.fate,
            cause=fate.cause,
            onset=fate.onset,
            settled_on=fate.settled_on,
        )


def _known(fate: str, end: date, settled_on: date, as_of: date) -> str:
    if settled_on < as_of:
        return fate
    return "churned" if fate == "won_back" and end < as_of else "open"


def write_truth(world: World, path: Path) -> None:
    """The truth of a whole world as CSV, one line a term; column names are those of `TermTruth`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(TermTruth)], lineterminator="\n")
        writer.writeheader()
        for truth in world.truth:
            writer.writerow(asdict(truth))
